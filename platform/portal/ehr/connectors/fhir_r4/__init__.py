"""FHIR R4 over HTTP: search by patient, page by page, as a SMART Backend Services client or with a fixed token.

What a server refuses is learned and not asked again: a search parameter, a page size, an increment. Nothing here
touches the database.
"""

from portal.ehr.connectors.fhir_r4.connector import FhirR4
from portal.ehr.registry import Access


def open_connector(access: Access) -> FhirR4:
    return FhirR4(access)

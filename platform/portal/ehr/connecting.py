"""Is it the same EHR as before? Ids of another system mean other people, so it is asked, not believed."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.outbound import networks
from portal.access.models import Patient
from portal.ehr.connector import EHRConnector
from portal.ehr.models import Connection, PatientProgress
from portal.ehr.people import facts

SAMPLE = 3


def is_same_system(connected: Connection | None, kind: str, base_url: str, connector: EHRConnector) -> bool:
    """True for the same address, for a connection that brought nobody yet, and where a sample of people is the same."""
    if connected is None or (connected.kind, connected.base_url) == (kind, base_url.rstrip("/")):
        return True
    sample = PatientProgress.objects.filter(connection=connected).select_related("patient").order_by("id")[:SAMPLE]
    return all(_is_same_person(progress.patient, connector) for progress in sample)


def _is_same_person(patient: Patient, connector: EHRConnector) -> bool:
    found = connector.find_patient(patient.fhir_id)
    if found is None:
        return False
    told = facts(found.body)
    return (told["birth_date"], told["family_name"]) == (patient.birth_date, patient.family_name)


def private_networks(texts: Iterable[str]) -> tuple[str, ...]:
    """The networks of an egress entry, as written. ValueError for what is no network, public, or far too wide."""
    found = networks(texts)
    for network in found:
        widest = 8 if network.version == 4 else 7
        if network.prefixlen < widest or not (network.is_private or network.is_loopback) or network.is_multicast:
            raise ValueError(str(network))
    return tuple(str(network) for network in found)

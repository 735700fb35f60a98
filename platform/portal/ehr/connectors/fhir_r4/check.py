"""The connection test: address, capability statement, token, patients. Read-only, each step with its cause and fix."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.outbound import OutboundError, check_url
from portal.ehr.connectors.fhir_r4.auth import Smart
from portal.ehr.connectors.fhir_r4.capability import Offer, read_offer
from portal.ehr.connectors.fhir_r4.client import FhirClient
from portal.ehr.connectors.fhir_r4.paging import all_pages
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.values import Finding

NO_STATEMENT = frozenset(
    {Fault.NOT_FOUND, Fault.REFUSED, Fault.GARBAGE, Fault.NOT_FHIR, Fault.FORBIDDEN, Fault.SIGN_IN}
)


def findings(client: FhirClient) -> Iterator[Finding]:
    """Each step as it is done; stops at the first fault."""
    steps = (("address", _address), ("discovery", _discovery), ("token", _token), ("capability", _capability),
             ("patients", _patients))  # fmt: skip
    for name, step in steps:
        try:
            detail = step(client)
        except ConnectorError as error:
            yield Finding(name, False, error.detail, error.fault.value)
            return
        if detail is not None:
            yield Finding(name, True, detail)


def _address(client: FhirClient) -> str:
    try:
        scheme, host, port = check_url(client.base)
        client.http.request("GET", f"{client.base}/metadata", headers={"Accept": "application/fhir+json"})
    except OutboundError as error:
        raise ConnectorError(Fault(error.cause), str(error), permanent=error.permanent) from error
    return f"{scheme}://{host}:{port}"


def _discovery(client: FhirClient) -> str | None:
    return client.sign_in.token_url() if isinstance(client.sign_in, Smart) else None


def _token(client: FhirClient) -> str | None:
    if not isinstance(client.sign_in, Smart):
        return None
    client.sign_in.renew()
    client.sign_in.header()
    return ""


def _capability(client: FhirClient) -> str:
    """A server without a statement may still be a FHIR server: the next step shows it."""
    try:
        offer = read_offer(client.get("metadata", attempts=2).body)
    except ConnectorError as error:
        if error.fault not in NO_STATEMENT:
            raise
        offer = Offer()
    if not offer.listed:
        return ""
    return f"FHIR {offer.version}, {len(offer.parameters)}"


def _patients(client: FhirClient) -> str:
    try:
        page = next(all_pages(client, "Patient", size="5"))
    except ConnectorError as error:
        if error.fault in {Fault.GARBAGE, Fault.NOT_FOUND}:
            raise ConnectorError(Fault.NOT_FHIR, error.detail, permanent=True, status=error.status) from error
        raise
    return str(page.total if page.total is not None else len(page.matches))

"""Getting one patient's resources from the source, several kinds at a time. Reads tables, writes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import connection

from foundation.logs import get_logger
from portal.ehr import mirror
from portal.ehr.connector import EHRConnector
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.models import PatientProgress
from portal.ehr.ownership import belongs, patient_key
from portal.ehr.references import references_in, resolve
from portal.ehr.values import Kind, PatientKey, Received

log = get_logger(__name__)
SHARED = frozenset({
    "Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "HealthcareService", "Substance",
})  # fmt: skip
DEPTH = 3
CONFIRM = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask for one patient: kinds with their `since`, and whether to compare ids in full."""

    body: Received
    kinds: Mapping[str, str]
    compare: bool = False
    progress: PatientProgress | None = None

    @property
    def patient_id(self) -> UUID | None:
        return self.progress.patient_id if self.progress else None


@dataclass(slots=True)
class Fetched:
    """All that came for one patient."""

    asked: Asked
    key: PatientKey
    kinds: list[Kind] = field(default_factory=list)
    present: dict[str, frozenset[str]] = field(default_factory=dict)
    shared: list[Received] = field(default_factory=list)


@dataclass(slots=True)
class SharedKeys:
    """What a run knows of shared resources: those the mirror holds, and those the source does not have."""

    held: set[tuple[str, str]] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self.held or key in self.refused


@dataclass(slots=True)
class Pending:
    """One patient's questions under way."""

    asked: Asked
    key: PatientKey
    futures: list[Future[tuple[Kind, frozenset[str] | None]]]


def start(connector: EHRConnector, pool: Executor, asked: Asked) -> Pending:
    key = patient_key(asked.body)
    return Pending(
        asked,
        key,
        [pool.submit(_ask, connector, key, kind, since, asked.compare) for kind, since in asked.kinds.items()],
    )


def _ask(
    connector: EHRConnector, key: PatientKey, kind: str, since: str, compare: bool
) -> tuple[Kind, frozenset[str] | None]:
    """Runs in a thread of the pool, and touches no table."""
    found = connector.changes_since(key, kind, since)
    if found.complete and found.whole:
        return found, frozenset(r.fhir_id for r in found.resources if r.type == kind)
    return found, connector.present_ids(key, kind) if compare and found.complete else None


def finish(connector: EHRConnector, connection_id: UUID, pending: Pending, shared: SharedKeys) -> Fetched:
    """Waits for the answers, and fetches what they point at and what was missed. Raises ConnectorError."""
    fetched = Fetched(pending.asked, pending.key)
    answers = [future.result() for future in pending.futures]
    patient_id = pending.asked.patient_id
    mirrored = _mirrored(patient_id) if patient_id and any(present is not None for _kind, present in answers) else {}
    for kind, present in answers:
        if present is not None:
            kind, present = _compared(connector, pending.key, kind, present, mirrored.get(kind.type, set()))
        if present is not None:
            fetched.present[kind.type] = present
        fetched.kinds.append(kind)
    everything = [pending.asked.body, *(r for kind in fetched.kinds for r in kind.resources)]
    fetched.shared = _shared(connector, connection_id, everything, shared)
    return fetched


def _compared(
    connector: EHRConnector, key: PatientKey, kind: Kind, present: frozenset[str], mirrored: set[str]
) -> tuple[Kind, frozenset[str] | None]:
    """The answer, with what an increment missed. Without ids where the source hides what it still has.

    A search can come back empty while the server rebuilds its index: some of what seems to be gone is read by id, and
    if it is there, nothing of this kind is believed to be gone.
    """
    gone = sorted(fhir_id for fhir_id in mirrored - present if fhir_id[0] != "~")[:CONFIRM]
    if any(belongs(found, key) for fhir_id in gone for found in connector.read_many(kind.type, [fhir_id])):
        log.error("ehr.search_hides", resource_type=kind.type, count=len(mirrored - present))
        return replace(kind, complete=False, fault=Fault.INCOMPLETE.value), None
    missed = [] if kind.whole else sorted(present - mirrored - {r.fhir_id for r in kind.resources})
    found = [r for r in connector.read_many(kind.type, missed) if belongs(r, key)] if missed else []
    return replace(kind, resources=(*kind.resources, *found)), present


def _mirrored(patient_id: UUID) -> dict[str, set[str]]:
    """The ids that the mirror holds of a patient, by kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, array_agg(fhir_id) FROM ehr_resource WHERE patient_id = %s AND gone_at IS NULL GROUP BY type",
            [patient_id],
        )
        return {kind: set(ids) for kind, ids in cursor.fetchall()}


def _shared(
    connector: EHRConnector, connection_id: UUID, resources: Iterable[Received], known: SharedKeys
) -> list[Received]:
    """Practitioners, places and medications that these point at and the mirror lacks, to a depth of three."""
    found: dict[tuple[str, str], Received] = {}
    wave = list(resources)
    for _level in range(DEPTH):
        wanted = {
            target
            for reference in {reference for resource in wave for reference in references_in(resource.json)}
            if (target := resolve(reference)) and target[0] in SHARED and target not in known
        }
        missing = _unknown(connection_id, wanted - found.keys())
        known.held |= wanted - found.keys() - missing
        wave = []
        for kind in sorted({key[0] for key in missing}):
            ids = [fhir_id for type_, fhir_id in missing if type_ == kind]
            wave += read_quietly(connector, kind, ids)
        known.refused |= missing - {r.key for r in wave}
        found |= {r.key: r for r in wave}
        if not wave:
            break
    return list(found.values())


def read_quietly(connector: EHRConnector, kind: str, ids: list[str]) -> list[Received]:
    """What is shared is welcome, not needed: a record goes on without a practitioner's name."""
    try:
        return connector.read_many(kind, ids)
    except ConnectorError as error:
        if error.fault in {Fault.CONNECT, Fault.NAME, Fault.SIGN_IN, Fault.TOKEN, Fault.BUSY, Fault.ADDRESS}:
            raise
        log.warning("ehr.shared_failed", resource_type=kind, code=error.fault.value, count=len(ids))
        return []


def _unknown(connection_id: UUID, keys: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return keys - mirror.find(connection_id, None, keys).keys() if keys else set()

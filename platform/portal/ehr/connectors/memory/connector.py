"""The port over the store in memory."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from portal.ehr.connectors.memory.store import MemoryEHR
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.ownership import belongs, owners_of
from portal.ehr.payload import receive
from portal.ehr.values import Ability, Changed, Content, Finding, Kind, Listing, PatientKey, Received

SHARED = frozenset({
    "Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Binary", "Substance",
    "HealthcareService", "Endpoint",
})  # fmt: skip
PAGE = 10


class MemoryConnector:
    """`store.failing` maps a kind to the fault that asking for it meets; "*" stands for everything."""

    def __init__(self, store: MemoryEHR) -> None:
        self.store = store
        self._as_of = ""
        self._by_owner: dict[tuple[str, str], list[Received]] = {}

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset(Ability)

    @property
    def learned(self) -> dict[str, Any]:
        return {}

    def check(self) -> Iterator[Finding]:
        self._may("Patient")
        yield Finding("patients", True, str(sum(1 for _ in self.store.of_kind("Patient"))))

    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted(self.store.kinds - SHARED))

    def patients(self) -> Iterator[Listing]:
        self._may("Patient")
        found = [r for body in list(self.store.of_kind("Patient")) if (r := receive(body))]
        for start in range(0, len(found), PAGE):
            yield Listing(tuple(found[start : start + PAGE]), self.store.now)

    def find_patient(self, fhir_id: str) -> Received | None:
        self._may("Patient")
        body = self.store.resources.get(("Patient", fhir_id))
        return receive(body) if body else None

    def changes_since(self, patient: PatientKey, kind: str, since: str = "") -> Kind:
        try:
            self._may(kind)
        except ConnectorError as error:
            if "*" in self.store.failing:
                raise
            return Kind(kind, complete=False, fault=error.fault.value)
        found = [r for r in self._of(patient, kind) if r.last_updated >= since]
        return Kind(kind, tuple(found), whole=not since, as_of=self.store.now)

    def changed_patients(self, kinds: Iterable[str], since: str) -> Changed:
        self._may("Patient")
        by_kind: dict[str, frozenset[str]] = {}
        for kind in ("Patient", *kinds):
            if kind in self.store.failing:
                continue
            found = (receive(body) for body in self.store.of_kind(kind))
            new = [r for r in found if r and r.last_updated >= since]
            by_kind[kind] = frozenset(i for r in new for i in ({r.fhir_id} if kind == "Patient" else owners_of(r)))
        return Changed(by_kind, self.store.now)

    def present_ids(self, patient: PatientKey, kind: str) -> frozenset[str] | None:
        if kind in self.store.failing:
            return None
        return frozenset(r.fhir_id for r in self._of(patient, kind))

    def read_many(self, kind: str, ids: Iterable[str]) -> list[Received]:
        self._may(kind)
        bodies = (self.store.resources.get((kind, fhir_id)) for fhir_id in ids)
        return [r for body in bodies if body and (r := receive(body))]

    def content(self, url: str, *, limit: int) -> Content:
        kind, _, fhir_id = url.partition("/")
        body = self.store.resources.get((kind, fhir_id))
        if body is None or kind != "Binary":
            raise ConnectorError(Fault.NOT_FOUND, permanent=True, status=404)
        data = base64.b64decode(body.get("data", ""))
        if len(data) > limit:
            raise ConnectorError(Fault.SIZE, permanent=True)
        return Content(str(body.get("contentType", "application/octet-stream")), data)

    def close(self) -> None:
        """Nothing is open."""

    def _of(self, patient: PatientKey, kind: str) -> Iterator[Received]:
        if self._as_of != self.store.now:
            self._index()
        for fhir_id in sorted(patient.ids):
            yield from (r for r in self._by_owner.get((fhir_id, kind), ()) if belongs(r, patient))

    def _index(self) -> None:
        """Who has what, until something is written again."""
        as_of, by_owner = self.store.now, dict[tuple[str, str], list[Received]]()
        for body in list(self.store.resources.values()):
            if received := receive(body):
                for owner in owners_of(received):
                    by_owner.setdefault((owner, received.type), []).append(received)
        self._by_owner = by_owner  # whole before it is said to be there: several threads ask at once
        self._as_of = as_of

    def _may(self, kind: str) -> None:
        fault = self.store.failing.get("*") or self.store.failing.get(kind)
        if fault:
            raise ConnectorError(Fault(fault), kind)

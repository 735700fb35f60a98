"""The port's methods over FHIR R4."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from foundation.logs import get_logger
from portal.ehr.connectors.fhir_r4.capability import Offer, read_offer
from portal.ehr.connectors.fhir_r4.check import findings
from portal.ehr.connectors.fhir_r4.client import FhirClient
from portal.ehr.connectors.fhir_r4.compartment import US_CORE
from portal.ehr.connectors.fhir_r4.content import fetch
from portal.ehr.connectors.fhir_r4.paging import Page, all_pages, pages
from portal.ehr.connectors.fhir_r4.search import NONE, REFUSALS, WHOLE, Habits, question, search_patient
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.ownership import belongs, owners_of
from portal.ehr.payload import receive
from portal.ehr.registry import Access
from portal.ehr.values import Ability, Changed, Content, Finding, Kind, Listing, PatientKey, Received

log = get_logger(__name__)
ENDS_THE_RUN = frozenset({
    Fault.URL, Fault.ADDRESS, Fault.NAME, Fault.CONNECT, Fault.TLS, Fault.SIGN_IN, Fault.TOKEN, Fault.KEY,
    Fault.DISCOVERY, Fault.BUSY,
})  # fmt: skip
GIVE_UP_AFTER = 3
UNANSWERED_SLOW, UNANSWERED = 3, 12
MOST_WHOLE = 50_000
MOST_SCAN_PAGES = 40
IDS_AT_ONCE = 40


class FhirR4:
    """One FHIR R4 server. A kind that fails for three patients running is not asked again in this run.

    A server of which a dozen questions in a row had no usable answer, or three that timed out, ends the run.
    """

    def __init__(self, access: Access, client: FhirClient | None = None) -> None:
        self.client = client or FhirClient(access)
        self.habits = Habits({kind: dict(known) for kind, known in access.learned.get("kinds", {}).items()})
        self._offer: Offer | None = None
        self._failures: dict[str, tuple[int, str]] = {}
        self._whole: dict[str, dict[str, list[Received]]] = {}
        self._scans = False
        self._unanswered = 0
        self._reading_whole = threading.Lock()

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset(Ability)

    @property
    def learned(self) -> dict[str, Any]:
        return {"kinds": self.habits.kinds}

    @property
    def offer(self) -> Offer:
        if self._offer is None:
            try:
                self._offer = read_offer(self.client.get("metadata").body)
            except ConnectorError as error:
                if error.fault not in REFUSALS | {Fault.GARBAGE, Fault.NOT_FHIR, Fault.FORBIDDEN}:
                    raise
                self._offer = Offer()
        return self._offer

    def close(self) -> None:
        self.client.close()

    def check(self) -> Iterator[Finding]:
        return findings(self.client)

    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.offer.kinds() if self.habits.by(kind) != NONE)

    def patients(self) -> Iterator[Listing]:
        for page in all_pages(self.client, "Patient"):
            found = (receive(body) for body in page.matches)
            yield Listing(tuple(p for p in found if p and p.type == "Patient"), page.as_of)

    def find_patient(self, fhir_id: str) -> Received | None:
        found = self._read("Patient", fhir_id)
        return found if found and found.fhir_id == fhir_id else None

    def changes_since(self, patient: PatientKey, kind: str, since: str = "") -> Kind:
        failed, fault = self._failures.get(kind, (0, ""))
        if failed >= GIVE_UP_AFTER:
            return Kind(kind, complete=False, fault=fault)
        try:
            found = self._whole_kind(patient, kind) if self.habits.by(kind) == WHOLE else None
            found = found or self._search(patient, kind, since)
        except ConnectorError as error:
            return self._failed(patient, kind, error)
        self._unanswered = 0
        if not found.fault:
            self._failures.pop(kind, None)
        return found

    def _search(self, patient: PatientKey, kind: str, since: str) -> Kind:
        search = search_patient(self.client, self.offer, self.habits, kind, patient.fhir_id, since)
        kept: dict[tuple[str, str], Received] = {}
        rejected = outcomes = 0
        fault = ""
        try:
            for page in search:
                outcomes += len(page.outcomes)
                rejected += self._take(page, patient, kept)
        except ConnectorError as error:
            if error.fault in ENDS_THE_RUN:
                raise
            fault = error.fault.value
        if rejected:
            log.error("ehr.foreign_resource", resource_type=kind, rejected=rejected)
            fault = fault or Fault.FOREIGN.value
        return Kind(kind, tuple(kept.values()), not fault, search.whole, search.first.as_of, fault, rejected, outcomes)

    def _take(self, page: Page, patient: PatientKey, kept: dict[tuple[str, str], Received]) -> int:
        """Keeps what is the patient's; returns how many were somebody else's."""
        rejected = 0
        bases = page.bases | {self.client.base}
        for body in (*page.matches, *page.outcomes):
            received = receive(body, owner=patient.fhir_id)
            if received is None:
                continue
            if belongs(received, patient, bases):
                kept[received.key] = received
            else:
                rejected += 1
        return rejected

    def _failed(self, patient: PatientKey, kind: str, error: ConnectorError) -> Kind:
        if error.fault in ENDS_THE_RUN:
            raise error
        if error.fault in REFUSALS | {Fault.NOT_OFFERED}:
            return self._not_by_patient(patient, kind, error)
        if self.offer.listed and kind not in self.offer.parameters and not self.habits.by(kind):
            self.habits.learn(kind, by=NONE)
            return Kind(kind)
        self._unanswered += error.fault is not Fault.FORBIDDEN
        if self._unanswered >= (UNANSWERED_SLOW if error.fault is Fault.SLOW else UNANSWERED):
            raise error
        self._failures[kind] = (self._failures.get(kind, (0, ""))[0] + 1, error.fault.value)
        log.warning("ehr.kind_failed", resource_type=kind, code=error.fault.value, status=error.status)
        return Kind(kind, complete=False, fault=error.fault.value)

    def _not_by_patient(self, patient: PatientKey, kind: str, error: ConnectorError) -> Kind:
        """No parameter finds a patient's resources of this kind. US Core's kinds are then read as a whole."""
        if self.habits.by(kind) not in {"", WHOLE} or (kind in self.offer.parameters and kind not in US_CORE):
            self._failures[kind] = (self._failures.get(kind, (0, ""))[0] + 1, error.fault.value)
            return Kind(kind, complete=False, fault=error.fault.value)
        try:
            found = self._whole_kind(patient, kind)
        except ConnectorError as second:
            if second.fault not in REFUSALS:
                return Kind(kind, complete=False, fault=second.fault.value)
            self.habits.learn(kind, by=NONE)
            return Kind(kind)
        self.habits.learn(kind, by=WHOLE)
        return found

    def _whole_kind(self, patient: PatientKey, kind: str) -> Kind:
        """Everything the server has of this kind, once a run, told apart by whose it is."""
        with self._reading_whole:
            if kind not in self._whole:
                self._whole[kind] = self._by_owner(kind)
        mine = [received for owner in sorted(patient.ids) for received in self._whole[kind].get(owner, ())]
        return Kind(kind, tuple(mine), whole=True)

    def _by_owner(self, kind: str) -> dict[str, list[Received]]:
        found: dict[str, list[Received]] = {}
        number = 0
        for page in all_pages(self.client, kind):
            number += len(page.matches)
            if number > MOST_WHOLE:
                raise ConnectorError(Fault.INCOMPLETE, kind, permanent=True)
            for received in filter(None, map(receive, page.matches)):
                owners = owners_of(received)
                if len(owners) == 1 and received.type == kind:
                    found.setdefault(next(iter(owners)), []).append(received)
        return found

    def changed_patients(self, kinds: Iterable[str], since: str) -> Changed:
        by_kind: dict[str, frozenset[str]] = {}
        as_of = ""
        for kind in ("Patient", *kinds):
            if self.habits.by(kind) == WHOLE or self.habits.refuses(kind, "scan"):
                continue
            try:
                changed, clock = self._scan(kind, since)
            except ConnectorError as error:
                if error.fault in ENDS_THE_RUN:
                    raise
                if error.fault in REFUSALS | {Fault.FORBIDDEN, Fault.INCOMPLETE}:
                    self.habits.learn(kind, no=(*self.habits.kinds.get(kind, {}).get("no", ()), "scan"))
                continue
            as_of = min(filter(None, (as_of, clock)), default="")
            if changed is not None:
                by_kind[kind] = changed
        return Changed(by_kind if self._scans else {}, as_of)

    def _scan(self, kind: str, since: str) -> tuple[frozenset[str] | None, str]:
        """Whose resources of this kind changed. None where an empty answer may only mean that we may not ask so."""
        found: set[str] = set()
        clock = ""
        for number, page in enumerate(all_pages(self.client, kind, [("_lastUpdated", f"ge{since}")])):
            clock = clock or page.as_of
            if number >= MOST_SCAN_PAGES or (page.used is not None and "_lastUpdated" not in page.used):
                return None, clock
            for received in filter(None, map(receive, page.matches)):
                found |= {received.fhir_id} if kind == "Patient" else owners_of(received)
        if found:
            self._scans = True
        elif not self._scans:
            first = next(all_pages(self.client, kind, size="1"))
            self._scans = bool(first.matches)
        return frozenset(found), clock

    def present_ids(self, patient: PatientKey, kind: str) -> frozenset[str] | None:
        if self._failures.get(kind, (0, ""))[0] >= GIVE_UP_AFTER:
            return None
        if self.habits.by(kind) == WHOLE:
            found = self.changes_since(patient, kind)
            return frozenset(r.fhir_id for r in found.resources) if found.complete else None
        by = self.habits.by(kind)
        if not by:
            return None
        no = tuple(self.habits.kinds.get(kind, {}).get("no", ()))
        asked = question(by, patient.fhir_id, "", no)
        forms = [asked] if "_elements" in no else [[*asked, ("_elements", "id")], asked]
        for form in forms:
            try:
                return frozenset(
                    str(body.get("id")) for page in pages(self.client, kind, form) for body in page.matches
                )
            except ConnectorError as error:
                if error.fault in ENDS_THE_RUN:
                    raise
                if error.fault not in REFUSALS:
                    return None
                self.habits.learn(kind, no=(*no, "_elements"))
        return None

    def read_many(self, kind: str, ids: Iterable[str]) -> list[Received]:
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Received] = {}
        if len(wanted) > 1 and not self.habits.refuses(kind, "_id"):
            for start in range(0, len(wanted), IDS_AT_ONCE):
                found |= self._by_ids(kind, wanted[start : start + IDS_AT_ONCE])
        for fhir_id in wanted:
            if fhir_id not in found and (single := self._read(kind, fhir_id)):
                found[fhir_id] = single
        return list(found.values())

    def _by_ids(self, kind: str, ids: list[str]) -> dict[str, Received]:
        found = {}
        try:
            for page in all_pages(self.client, kind, [("_id", ",".join(ids))]):
                for received in filter(None, map(receive, page.matches)):
                    if received.type == kind and received.fhir_id in ids:
                        found[received.fhir_id] = received
        except ConnectorError as error:
            if error.fault in ENDS_THE_RUN:
                raise
            if error.fault in REFUSALS:
                self.habits.learn(kind, no=(*self.habits.kinds.get(kind, {}).get("no", ()), "_id"))
        return found

    def _read(self, kind: str, fhir_id: str) -> Received | None:
        """One resource; None where the server says that it has none, or has deleted it."""
        try:
            body = self.client.get(f"{kind}/{quote(fhir_id, safe='')}").body
        except ConnectorError as error:
            if error.fault in REFUSALS:
                return None
            raise
        received = receive(body)
        return received if received and received.type == kind else None

    def content(self, url: str, *, limit: int) -> Content:
        return fetch(self.client, url, limit)

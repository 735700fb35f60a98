"""Asking for one kind of one patient's resources, in the form that this server understands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.ehr.connectors.fhir_r4.capability import Offer
from portal.ehr.connectors.fhir_r4.client import FhirClient
from portal.ehr.connectors.fhir_r4.compartment import search_value
from portal.ehr.connectors.fhir_r4.paging import Page, pages
from portal.ehr.errors import ConnectorError, Fault

PAGE_SIZE = "250"
REFUSALS = frozenset({Fault.REFUSED, Fault.NOT_FOUND})
WHOLE = "whole"
NONE = "none"


class Ignored(ConnectorError):
    """The server answered as if the patient had not been named."""

    def __init__(self) -> None:
        super().__init__(Fault.REFUSED, "The patient parameter was ignored.", permanent=True)


@dataclass(slots=True)
class Habits:
    """What was learned of a server, by kind: `by` the owner's parameter, `no` what it refuses. JSON inside."""

    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def by(self, kind: str) -> str:
        return str(self.kinds.get(kind, {}).get("by", ""))

    def refuses(self, kind: str, name: str) -> bool:
        return name in self.kinds.get(kind, {}).get("no", ())

    def learn(self, kind: str, *, by: str = "", no: tuple[str, ...] | None = None) -> None:
        known = self.kinds.setdefault(kind, {})
        if by:
            known["by"] = by
        if no is not None:
            known["no"] = sorted(no)

    def forget(self, kind: str) -> None:
        self.kinds.pop(kind, None)


def question(by: str, patient_id: str, since: str, no: tuple[str, ...]) -> list[tuple[str, str]]:
    asked = [(by, search_value(by, patient_id))] if by not in {WHOLE, ""} else []
    if since and "_lastUpdated" not in no:
        asked.append(("_lastUpdated", f"ge{since}"))
    if "_count" not in no:
        asked.append(("_count", PAGE_SIZE))
    return asked


@dataclass(slots=True)
class Search:
    """A search that has found its form: its first page is there, the others follow. `whole`: no increment was asked."""

    first: Page
    rest: Iterator[Page]
    whole: bool

    def __iter__(self) -> Iterator[Page]:
        yield self.first
        yield from self.rest


def search_patient(client: FhirClient, offer: Offer, habits: Habits, kind: str, patient_id: str, since: str) -> Search:
    """Tries the known form, then plainer ones; remembers what worked. Raises the refusal where none does."""
    refusal: ConnectorError | None = None
    ignored: set[str] = set()
    for by, no in _forms(offer, habits, kind, bool(since)):
        if by in ignored:
            continue
        try:
            stream = pages(client, kind, question(by, patient_id, since, no))
            first = next(stream)
            if first.used is not None and by not in first.used and first.used & {"_count", "_lastUpdated"}:
                raise Ignored
        except ConnectorError as error:
            if error.fault not in REFUSALS:
                raise
            if isinstance(error, Ignored):
                ignored.add(by)
            refusal = refusal or error
            continue
        if (habits.by(kind), tuple(habits.kinds.get(kind, {}).get("no", ()))) != (by, no):
            habits.learn(kind, by=by, no=no)
        return Search(first, stream, whole=not since or "_lastUpdated" in no)
    raise refusal or ConnectorError(Fault.NOT_OFFERED, kind, permanent=True)


def _forms(offer: Offer, habits: Habits, kind: str, increment: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The forms of the question, the likeliest first."""
    known = tuple(habits.kinds.get(kind, {}).get("no", ()))
    names = offer.owner_parameters(kind)
    if habits.by(kind) in names:
        names = (habits.by(kind), *(name for name in names if name != habits.by(kind)))
    plainer = [known, (*known, "_count")]
    if increment:
        plainer += [(*known, "_lastUpdated"), (*known, "_count", "_lastUpdated")]
    for name in names:
        for no in dict.fromkeys(tuple(sorted(set(form))) for form in plainer):
            yield name, no

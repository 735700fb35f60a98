"""The privacy officer's reads of the record. Each search is itself an event, and so is each look at one patient's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from foundation.audit import Actor, record
from foundation.audit.queries import Cursor, Entry, Search, event, events, find
from foundation.errors import NotFound
from portal.privacy.queries.names import ids_of, names_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events with the names of those they are about."""

    entries: tuple[Entry, ...]
    names: Mapping[UUID, str]
    older: str


def with_joined(search: Search) -> Search:
    """The search for a patient, for all ids that were ever theirs."""
    ids = {one for patient_id in search.patient_ids for one in ids_of(patient_id)}
    return replace(search, patient_ids=tuple(sorted(ids)))


def search_events(by: Actor, search: Search, *, before: str = "") -> Found:
    """A page of what the search finds. Raises NotFound for a cursor that is none."""
    cursor = Cursor.read(before) if before else None
    if before and cursor is None:
        raise NotFound
    page = find(with_joined(search), before=cursor, limit=PAGE)
    if search.patient_ids:
        record("audit.viewed", by=by, patient_id=search.patient_ids[0], count=len(page.entries))
    record("audit.searched", by=by, target=("search", used(search)), count=len(page.entries))
    return Found(page.entries, _names(page.entries), str(page.older) if page.older else "")


def used(search: Search) -> str:
    """Which fields of a search were filled in; what they held stays out of the record."""
    names = (name for name in Search.__slots__ if getattr(search, name) not in (None, "", (), 0))
    return ",".join(names)[:120]


def one_event(by: Actor, number: int) -> tuple[Entry, Mapping[UUID, str]]:
    """An event and the names it needs. Raises NotFound."""
    found = event(number)
    if found is None:
        raise NotFound
    record("audit.viewed", by=by, patient_id=found.patient_id, target=("event", str(number)))
    return found, _names([found])


def some_events(numbers: list[int]) -> tuple[Entry, ...]:
    """The events of a finding or a question; the caller notes whose they are."""
    return events(numbers)


def _names(entries: Iterable[Entry]) -> Mapping[UUID, str]:
    return names_of([one for e in entries for one in (e.patient_id, e.on_behalf_of)])

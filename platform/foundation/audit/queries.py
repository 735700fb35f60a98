"""Reads of the record: a page of it, one event, all that a search finds. Newest first.

Who may read what is decided by the callers' gates (`portal.privacy`), which also note that it was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it stands in the table."""

    id: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    actor_role: str
    on_behalf_of: UUID | None
    patient_id: UUID | None
    target_type: str
    target_id: str
    outcome: str
    reason: str
    count: int | None
    request_id: str
    address: str | None
    agent: str


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is empty does not count. `text` is an event's number, or an id of a request, a thing, a
    person or a patient. `until` is not included."""

    patient_ids: tuple[UUID, ...] = ()
    actor_id: UUID | None = None
    not_actor_id: UUID | None = None
    actor_name: str = ""
    actor_kinds: tuple[str, ...] = ()
    actor_roles: tuple[str, ...] = ()
    not_actor_roles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    address: str = ""
    text: str = ""
    numbers: tuple[int, ...] = ()
    last: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the next one begins after this event."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of that text; None for what is none."""
        moment, _, number = text.rpartition("_")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        usable = at.tzinfo is not None and number.isascii() and number.isdecimal() and len(number) < 19
        return cls(at, int(number)) if usable else None


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is where the next page begins, None on the last one."""

    entries: tuple[Entry, ...]
    older: Cursor | None


_COLUMNS = ", ".join(
    {"count": "item_count", "address": "host(address)"}.get(field.name, field.name) for field in fields(Entry)
)
_TESTS = {
    "patient_ids": "patient_id = ANY(%s)",
    "actor_id": "actor_id = %s",
    "outcome": "outcome = %s",
    "not_actor_id": "actor_id IS DISTINCT FROM %s",
    "actor_name": "position(lower(%s) in lower(actor_name)) > 0",
    "actor_kinds": "actor_kind = ANY(%s)",
    "actor_roles": "actor_role = ANY(%s)",
    "not_actor_roles": "NOT actor_role = ANY(%s)",
    "kinds": "kind = ANY(%s)",
    "not_kinds": "NOT kind = ANY(%s)",
    "since": "at >= %s",
    "until": "at < %s",
    "address": "address <<= %s::inet",
    "numbers": "id = ANY(%s)",
    "last": "id <= %s",
}


def find(search: Search, *, before: Cursor | None = None, limit: int = 50) -> Page:
    """A page of what the search finds. One statement, whose cost does not grow with the number of the page."""
    where, values = _where(search)
    if before is not None:
        where, values = f"{where} AND (at, id) < (%s, %s)", [*values, before.at, before.id]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM audit_event WHERE {where} ORDER BY at DESC, id DESC LIMIT %s",  # noqa: S608  (names of ours, values as parameters)
            [*values, limit + 1],
        )
        found = [Entry(*row) for row in cursor.fetchall()]
    kept = found[:limit]
    return Page(tuple(kept), Cursor(kept[-1].at, kept[-1].id) if len(found) > limit else None)


def count(search: Search, *, most: int = 0) -> int:
    """How many events the search finds; with `most` counting stops there."""
    where, values = _where(search)
    limited = "LIMIT %s" if most else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM audit_event WHERE {where} {limited}) AS found",  # noqa: S608  (names of ours, values as parameters)
            [*values, *([most] if most else [])],
        )
        return int(cursor.fetchone()[0])


def newest() -> int:
    """The number of the newest event: a search up to it finds the same, however long it is read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_event")
        return int(cursor.fetchone()[0])


def each_page(search: Search) -> Iterator[tuple[Entry, ...]]:
    """All that the search finds, some at a time."""
    before: Cursor | None = None
    while True:
        page = find(search, before=before, limit=AT_ONCE)
        if page.entries:
            yield page.entries
        if page.older is None:
            return
        before = page.older


def people(search: Search) -> int:
    """How many different people the events that the search finds are by."""
    where, values = _where(search)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT actor_id) FROM audit_event WHERE {where}", values)  # noqa: S608  (names of ours, values as parameters)
        return int(cursor.fetchone()[0])


def event(number: int, *, patient_ids: tuple[UUID, ...] = ()) -> Entry | None:
    """The event of that number, of one of these patients if any are given."""
    found = find(Search(numbers=(number,), patient_ids=patient_ids), limit=1).entries
    return found[0] if found else None


def events(numbers: Sequence[int]) -> tuple[Entry, ...]:
    """The events of these numbers, newest first."""
    return find(Search(numbers=tuple(numbers)), limit=max(1, len(numbers))).entries if numbers else ()


def as_it_stands(search: Search) -> Search:
    """The same search, of the events that are there at this moment."""
    return replace(search, last=newest())


def _where(search: Search) -> tuple[str, list[Any]]:
    tests, values = ["true"], []
    for name, test in _TESTS.items():
        value = getattr(search, name)
        if value in (None, "", (), 0):
            continue
        if name == "patient_ids" and len(value) == 1:  # so the index gives the order, too, and no sort is needed
            test, value = "patient_id = %s", value[0]
        tests.append(test)
        values.append(list(value) if isinstance(value, tuple) else value)
    if search.text:
        test, found = _text(search.text.strip())
        tests.append(test)
        values += found
    return " AND ".join(tests), values


def _text(text: str) -> tuple[str, list[Any]]:
    """What an id that somebody copied from anywhere may be."""
    tests, values = ["request_id = %s", "target_id = %s"], [text, text]
    if text.isascii() and text.isdecimal() and len(text) < 19:
        tests.append("id = %s")
        values.append(text)
    try:
        same = str(UUID(text))
    except ValueError:
        pass
    else:
        tests += ["actor_id = %s", "patient_id = %s", "on_behalf_of = %s", "target_id = %s"]
        values += [same] * 4
    return f"({' OR '.join(tests)})", values

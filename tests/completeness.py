"""A pytest plugin over the whole run: each read of health data names its patients in the record (S50).

Every statement is watched at psycopg's own cursor, so that raw SQL counts like the ORM's. While a trail is open (a
request, a task, a command), the patients whose rows came back from a table of health data must stand in an event of
that trail by its end, or the test fails with the statement. Whose rows they are is read from the answer's column
`patient_id`, else from a bound id that is a patient's; a read that names no patient in either way fails as well. The
exceptions are ALLOWED, each with its reason. Which tables hold health data the models say (`foundation.personal`).

A test that plants such a read collects it with `planted()`.
"""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as default_connection
from psycopg import Cursor, ServerCursor, pq

READS = re.compile(r"^\s*(?:--[^\n]*\n\s*)*(?:SELECT|WITH|FETCH|COPY|TABLE|EXPLAIN)\b|\bRETURNING\b", re.I)
PARAMETER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
WITHOUT_MEANING = frozenset({"id", "count"})
"""Columns that say nothing of anybody by themselves, where a statement gives back no others."""

ALLOWED = {
    "r.content_hash, r.version_id, r.last_updated, r.gone_at IS NOT NULL FROM ehr_resource":
        "what a synchronisation compares, with nothing new most of the time: ids, versions and hashes, no content",
    'FROM "ehr_patientprogress" WHERE':
        "for whom the source is read, and whether anything of them is held: never what",
    "patient_id IS NULL AND fhir_id NOT LIKE":
        "resources of nobody: the hospital's practitioners and places",
    "count(*) FILTER (WHERE r.gone_at IS NULL)":
        "how many resources of a kind there are, of all patients together",
    'SELECT COUNT(*) AS "__count" FROM "ehr_unprojected"':
        "how many resources could not be read, of all patients together",
    'SELECT "ehr_resource"."type" AS "resource__type", "ehr_resource"."fhir_id" AS "resource__fhir_id"':
        "the admin's list of what could not be read: kind, id and reason, no content and no patient",
}  # fmt: skip
"""A piece of a statement -> why no event has to name whose rows it reads."""


@dataclass(frozen=True)
class Gap:
    """Health data was read, and no event of its trail names the patients."""

    why: str
    statement: str
    tables: tuple[str, ...]
    patients: tuple[UUID, ...]
    where: str

    def __str__(self) -> str:
        whose = ", ".join(str(one) for one in self.patients[:5])
        return f"{self.why}: {', '.join(self.tables)} [{whose}] at {self.where}\n    {self.statement[:600]}"


@dataclass
class Seen:
    """What one trail has read and noted so far: patients by schema."""

    reads: dict[tuple[str, UUID], Gap] = field(default_factory=dict)
    nameless: list[Gap] = field(default_factory=list)
    named: set[tuple[str, UUID]] = field(default_factory=set)


class Completeness:
    """What was found since the test began, and how much was watched."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.open: dict[int, Seen] = {}
        self.gaps: list[Gap] = []
        self.planted: list[Gap] | None = None
        self.watched = 0
        self.patients: dict[tuple[str, str, UUID], bool] = {}

    def seen(self) -> Seen | None:
        from foundation.audit import trail

        current = trail._trail.get()
        return None if current is None else self.open.setdefault(id(current), Seen())

    def end(self, current: Any) -> None:
        """The trail is over: whoever was read must have been named."""
        seen = self.open.pop(id(current), None)
        if seen is None or current.failed:
            return
        found = [*seen.nameless, *(gap for key, gap in seen.reads.items() if key not in seen.named)]
        with self.lock:
            (self.gaps if self.planted is None else self.planted).extend(found)

    def take(self) -> list[Gap]:
        with self.lock:
            gaps, self.gaps = self.gaps, []
        return gaps


completeness = Completeness()


@contextmanager
def planted() -> Iterator[list[Gap]]:
    """Gaps in this block are wanted: they are collected, and fail nothing."""
    found: list[Gap] = []
    completeness.planted = found
    try:
        yield found
    finally:
        completeness.planted = None


@cache
def tables() -> tuple[re.Pattern[str], frozenset[str]]:
    """A pattern of the tables of health data, and the columns that name their patients."""
    from foundation.personal import discover, health_tables

    discover()
    found = health_tables()
    names = "|".join(sorted(found, key=len, reverse=True))
    return re.compile(rf"\b(?:{names})\b"), frozenset({"patient_id", *filter(None, found.values())})


def look(cursor: Any, query: Any, params: Any) -> None:
    """One statement that has run."""
    seen = completeness.seen()
    if seen is None:
        return
    statement = query if isinstance(query, str) else _text(query, cursor)
    pattern, columns = tables()
    touched = tuple(sorted(set(pattern.findall(statement))))
    if not touched or not READS.search(statement):
        return
    result = cursor.pgresult
    if result is None or result.status != pq.ExecStatus.TUPLES_OK or not result.ntuples:
        return
    _note(seen, cursor, result, statement, touched, columns, params)


def _note(
    seen: Seen, cursor: Any, result: Any, statement: str, touched: tuple[str, ...], columns: frozenset[str], params: Any
) -> None:
    completeness.watched += 1
    names = [(result.fname(at) or b"").decode() for at in range(result.nfields)]
    if "RETURNING" in statement.upper() and set(names) <= WITHOUT_MEANING:
        return
    if any(piece in statement for piece in ALLOWED):
        return
    where = _where()
    schema = str(default_connection.schema_name)  # type: ignore[attr-defined]
    at = [place for place, name in enumerate(names) if name in columns]
    if at:
        patients = {one for place in at for one in _column(result, place)}
    else:
        patients = _patients_among(cursor, schema, set(_ids(params)))
        if not patients:
            seen.nameless.append(Gap("A read of health data that names no patient", statement, touched, (), where))
            return
    for patient in patients:
        gap = Gap("Read, and named by no event", statement, touched, (patient,), where)
        seen.reads.setdefault((schema, patient), gap)


def _column(result: Any, place: int) -> Iterator[UUID]:
    for row in range(result.ntuples):
        value = result.get_value(row, place)
        if value is not None:
            yield UUID(bytes=bytes(value)) if result.fformat(place) else UUID(bytes(value).decode())


def _ids(params: Any) -> Iterator[UUID]:
    """Every id among the parameters, in lists as well."""
    values: Iterable[Any] = params.values() if isinstance(params, dict) else params or ()
    for value in values:
        if isinstance(value, UUID):
            yield value
        elif isinstance(value, str) and PARAMETER.match(value):
            yield UUID(value)
        elif isinstance(value, list | tuple | set):
            yield from _ids(list(value))


def _patients_among(cursor: Any, schema: str, ids: set[UUID]) -> set[UUID]:
    """Which of these ids are patients of the schema where the connection stands."""
    base = cursor.connection.info.dbname
    unknown = [one for one in ids if not completeness.patients.get((base, schema, one))]
    if unknown and schema != "public":
        with Cursor(cursor.connection) as own:
            _execute(own, "SELECT id::text FROM access_patient WHERE id = ANY(%s::uuid[])", [list(map(str, unknown))])
            answer = own.pgresult
            for row in range(answer.ntuples if answer else 0):
                found = UUID(bytes(answer.get_value(row, 0) or b"").decode())  # type: ignore[union-attr]
                completeness.patients[base, schema, found] = True
    return {one for one in ids if completeness.patients.get((base, schema, one))}


def _text(query: Any, cursor: Any) -> str:
    if isinstance(query, bytes):
        return query.decode()
    return str(query.as_string(cursor.connection)) if hasattr(query, "as_string") else str(query)


OURS = ("/platform/", "/tenants/", "/themes/", "/cms/", "/tests/")


def _where() -> str:
    frames = [f for f in traceback.extract_stack() if any(part in f.filename for part in OURS)]
    frames = [f for f in frames if f.filename != __file__ and "/foundation/database/" not in f.filename]
    return " < ".join(
        f"{f.filename.rsplit('/', 2)[-2]}/{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in frames[:-5:-1]
    )


# The taps.

_execute: Callable[..., Any] = Cursor.execute


def _tap_cursors() -> None:
    execute, fetchmany, fetchall = Cursor.execute, ServerCursor.fetchmany, ServerCursor.fetchall
    declare, step, copy = ServerCursor.execute, ServerCursor.__next__, Cursor.copy

    def executed(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        result = execute(self, query, params, **more)
        look(self, query, params)
        return result

    def declared(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        result = declare(self, query, params, **more)
        self._watched = (query, params)
        return result

    def fetched(original: Callable[..., Any]) -> Callable[..., Any]:
        def fetch(self: Any, *args: Any) -> Any:
            rows = original(self, *args)
            look(self, *getattr(self, "_watched", ("", None)))
            return rows

        return fetch

    def copied(self: Any, statement: Any, params: Any = None, **more: Any) -> Any:
        seen, text = completeness.seen(), _text(statement, self)
        touched = tuple(sorted(set(tables()[0].findall(text))))
        if seen is not None and touched and re.search(r"\bTO\s+STDOUT\b", text, re.I):
            seen.nameless.append(Gap("Health data was copied out of the watch", text, touched, (), _where()))
        return copy(self, statement, params, **more)

    Cursor.execute = executed  # type: ignore[method-assign]
    Cursor.copy = copied  # type: ignore[method-assign]
    ServerCursor.execute = declared  # type: ignore[method-assign]
    ServerCursor.fetchmany = fetched(fetchmany)  # type: ignore[method-assign]
    ServerCursor.fetchall = fetched(fetchall)  # type: ignore[method-assign]
    ServerCursor.__next__ = fetched(step)  # type: ignore[method-assign]


class Watched:
    """Stands for the trail's context variable: it hears when a trail ends."""

    def __init__(self, variable: Any) -> None:
        self.variable = variable
        self.get, self.set = variable.get, variable.set

    def reset(self, token: Any) -> None:
        current = self.variable.get()
        self.variable.reset(token)
        completeness.end(current)


def _tap_trails() -> None:
    from foundation.audit import trail

    keep, insert = trail.keep, trail._insert

    def name(events: Iterable[Any]) -> None:
        seen = completeness.seen()
        if seen is not None:
            here = str(default_connection.schema_name)  # type: ignore[attr-defined]
            seen.named |= {(e.place.schema_name if e.place else here, e.patient_id) for e in events if e.patient_id}

    def kept(event: Any) -> None:
        name([event])
        keep(event)

    def inserted(events: Any) -> None:
        name(events)
        insert(events)

    trail._trail = Watched(trail._trail)  # type: ignore[assignment]
    trail.keep, trail._insert = kept, inserted


def pytest_sessionstart() -> None:
    _tap_cursors()
    _tap_trails()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    completeness.take()
    result = yield
    fail_on_gaps()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    result = yield
    fail_on_gaps()
    return result


def fail_on_gaps() -> None:
    if gaps := completeness.take():
        said = "\n".join(dict.fromkeys(str(gap) for gap in gaps[:40]))
        pytest.fail(f"Health data was read, and the record does not say whose:\n{said}", pytrace=False)

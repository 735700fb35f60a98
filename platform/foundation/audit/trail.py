"""Collecting a request's events and writing them in one statement, each into the schema where it was noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from foundation import clock
from foundation.audit.actor import Actor
from foundation.errors import Unavailable
from foundation.logs import get_logger
from foundation.registry import event_kinds
from foundation.tenancy import HospitalRecord, inside, standing

log = get_logger(__name__)

type Outcome = Literal["success", "refused", "failed"]


class NotRecorded(Unavailable):
    """The event could not be written, so what it was about is not shown and not done (S51)."""

    code = "not_recorded"


@dataclass(frozen=True, slots=True)
class Where:
    """From where: the request's id, address and browser; empty for tasks and commands."""

    request_id: str = ""
    address: str | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record, before it has its number."""

    at: datetime
    kind: str
    by: Actor
    patient_id: UUID | None
    target: tuple[str, str]
    outcome: Outcome
    reason: str
    count: int | None
    on_behalf_of: UUID | None
    place: HospitalRecord | None = None


@dataclass(slots=True)
class Trail:
    """What one request or task does. `failed`: an event of it could not be written."""

    where: Where
    events: list[Event] = field(default_factory=list)
    failed: bool = False


_trail: ContextVar[Trail | None] = ContextVar("portico_trail", default=None)
# Events noted within an action while no trail is open wait for the action's end: the chain's lock is taken last.
waiting: ContextVar[list[Event] | None] = ContextVar("portico_waiting", default=None)

COLUMNS = (
    "at, kind, actor_kind, actor_id, actor_name, actor_role, on_behalf_of, patient_id, target_type, target_id, "
    "outcome, reason, item_count, request_id, address, agent"
)
ROW = "(" + ", ".join(["%s"] * 16) + ")"


@contextmanager
def open_trail(where: Where | None = None) -> Iterator[Trail]:
    """Collects events until the block ends, then writes those still there, also where the block fails."""
    trail = Trail(where or Where())
    token = _trail.set(trail)
    try:
        try:
            yield trail
        except BaseException:
            _flush_quietly()
            raise
        flush()
    finally:
        _trail.reset(token)
        if trail.failed:
            _sound_the_alarm()


def _flush_quietly() -> None:
    """The error that ends the trail is the one to be told, not that its events could not be written."""
    try:
        flush()
    except Exception:
        log.exception("audit.failed")


def _sound_the_alarm() -> None:
    from foundation.audit.alarms import raise_alarm  # it stands on actions, which stand on this

    raise_alarm("audit.write_failed")


def where() -> Where:
    trail = _trail.get()
    return trail.where if trail else Where()


def record(
    kind: str,
    *,
    by: Actor,
    patient_id: UUID | None = None,
    target: tuple[str, str] | None = None,
    outcome: Outcome = "success",
    reason: str = "",
    count: int | None = None,
    on_behalf_of: UUID | None = None,
) -> None:
    """Notes an event. Collected while a trail is open, with the action's own within an action, else written at once.

    `kind` is registered in `foundation.registry.event_kinds`. `reason` and `target` carry ids and codes, never
    clinical content (S55).
    """
    event = make(kind, by=by, patient_id=patient_id, target=target, outcome=outcome, reason=reason, count=count,
                 on_behalf_of=on_behalf_of)  # fmt: skip
    keep(event)


def keep(event: Event) -> None:
    """The same, for an event in hand."""
    trail, behind = _trail.get(), waiting.get()
    if trail is not None:
        trail.events.append(event)
    elif behind is not None:
        behind.append(event)
    else:
        write([event])


def make(
    kind: str,
    *,
    by: Actor,
    patient_id: UUID | None = None,
    target: tuple[str, str] | None = None,
    outcome: Outcome = "success",
    reason: str = "",
    count: int | None = None,
    on_behalf_of: UUID | None = None,
) -> Event:
    if kind not in event_kinds:
        raise LookupError(f"The audit event {kind!r} is not registered.")
    return Event(
        clock.now(), kind, by, patient_id, target or ("", ""), outcome, reason[:200], count, on_behalf_of, standing(),
    )  # fmt: skip


def turn_back(reason: str) -> bool:
    """The request is refused after all: what its gates noted as read was not read. True where there was any such."""
    trail = _trail.get()
    if trail is None:
        return False
    noted = [e for e in trail.events if e.patient_id and e.outcome == "success"]
    trail.events = [replace(e, outcome="refused", reason=reason) if e in noted else e for e in trail.events]
    return bool(noted)


def flush() -> None:
    """Writes what the trail holds. Raises NotRecorded where it cannot: no event, no data (S51)."""
    trail = _trail.get()
    if trail and trail.events:
        events, trail.events = trail.events, []
        write(events)


def write(events: Sequence[Event]) -> None:
    """Writes events, each into the schema where it was noted, in one statement a schema. Raises NotRecorded."""
    try:
        for place, group in groupby(events, key=lambda event: event.place):
            with inside(place) if place and place != standing() else nullcontext():
                _insert(list(group))
    except Exception as error:
        if trail := _trail.get():
            trail.failed = True
        elif not connection.in_atomic_block:
            _sound_the_alarm()
        raise NotRecorded from error


def _insert(events: Sequence[Event]) -> None:
    seen = where()
    values: list[Any] = []
    for e in events:
        values += [
            e.at, e.kind, e.by.kind, e.by.id, e.by.name[:150], e.by.role[:40], e.on_behalf_of, e.patient_id,
            e.target[0][:60], e.target[1][:120], e.outcome, e.reason, e.count,
            seen.request_id, seen.address, seen.agent[:200],
        ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO audit_event ({COLUMNS}) VALUES {', '.join([ROW] * len(events))}", values)  # noqa: S608  (names of ours, values as parameters)

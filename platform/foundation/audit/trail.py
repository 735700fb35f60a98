"""Collecting a request's events and writing them in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from foundation import clock
from foundation.audit.actor import Actor
from foundation.registry import event_kinds

type Outcome = Literal["success", "refused", "failed"]


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


@dataclass(slots=True)
class Trail:
    where: Where
    events: list[Event] = field(default_factory=list)


_trail: ContextVar[Trail | None] = ContextVar("portico_trail", default=None)

COLUMNS = (
    "at, kind, actor_kind, actor_id, actor_name, actor_role, on_behalf_of, patient_id, target_type, target_id, "
    "outcome, reason, item_count, request_id, address, agent"
)


@contextmanager
def open_trail(where: Where | None = None) -> Iterator[Trail]:
    """Collects events until the block ends, then writes those still there."""
    trail = Trail(where or Where())
    token = _trail.set(trail)
    try:
        yield trail
        flush()
    finally:
        _trail.reset(token)


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
    """Notes an event. Collected while a trail is open, written at once otherwise.

    `kind` is registered in `foundation.registry.event_kinds`. `reason` and `target` carry ids and codes, never
    clinical content (S55).
    """
    event = make(kind, by=by, patient_id=patient_id, target=target, outcome=outcome, reason=reason, count=count,
                 on_behalf_of=on_behalf_of)  # fmt: skip
    trail = _trail.get()
    if trail is None:
        write([event])
    else:
        trail.events.append(event)


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
        clock.now(), kind, by, patient_id, target or ("", ""), outcome, reason[:200], count, on_behalf_of,
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
    """Writes what the trail holds, in one statement. Raises where it cannot: no event, no data (S51)."""
    trail = _trail.get()
    if trail and trail.events:
        events, trail.events = trail.events, []
        write(events)


def write(events: Sequence[Event]) -> None:
    """Writes events into the current schema, in one statement."""
    seen = where()
    row = "(" + ", ".join(["%s"] * 16) + ")"
    values: list[Any] = []
    for e in events:
        values += [
            e.at, e.kind, e.by.kind, e.by.id, e.by.name[:150], e.by.role[:40], e.on_behalf_of, e.patient_id,
            e.target[0][:60], e.target[1][:120], e.outcome, e.reason, e.count,
            seen.request_id, seen.address, seen.agent[:200],
        ]  # fmt: skip
    with connection.cursor() as cursor:
        rows = ", ".join([row] * len(events))
        cursor.execute(f"INSERT INTO audit_event ({COLUMNS}) VALUES {rows}", values)  # noqa: S608

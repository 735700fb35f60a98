"""`@action`: the shape of every write. One transaction, its audit event as the last statement.

An event locks the end of its schema's chain until the transaction ends. So an action within an action of the same
schema leaves its event to the outermost, which writes them all at its own end, in one statement. Where the inner one is
undone (a savepoint that its caller rolls back), its event goes with it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from foundation.audit import trail
from foundation.audit.actor import Actor
from foundation.errors import Refusal
from foundation.logs import get_logger
from foundation.tenancy import standing

log = get_logger(__name__)
_details: ContextVar[dict[str, Any] | None] = ContextVar("portico_action", default=None)


@dataclass(slots=True)
class Outermost:
    """The action that writes for those within it."""

    schema: str | None
    beyond: Outermost | None
    inner: list[Inner] = field(default_factory=list)
    noted: list[trail.Event] = field(default_factory=list)

    def events(self) -> list[trail.Event]:
        """What came of the actions within, as far as it still stands."""
        still = {id(entry[1]) for entry in connection.run_on_commit}
        return [one.event for one in self.inner if id(one) in still]


@dataclass(slots=True, eq=False)
class Inner:
    """The event of an action within. Waits among what runs on commit, from where a rolled back savepoint removes it."""

    event: trail.Event

    def __call__(self) -> None:
        """The transaction has committed, and the event with it."""


_outermost: ContextVar[Outermost | None] = ContextVar("portico_outermost_action", default=None)


def about(
    *,
    patient_id: UUID | None = None,
    target: tuple[str, str] | None = None,
    reason: str | None = None,
    count: int | None = None,
    on_behalf_of: UUID | None = None,
) -> None:
    """Says more of the action that is running: whose data, which object, why, how many. No clinical content."""
    details = _details.get()
    if details is None:
        raise RuntimeError("about() was called outside an action.")
    given = {
        "patient_id": patient_id, "target": target, "reason": reason, "count": count, "on_behalf_of": on_behalf_of,
    }  # fmt: skip
    details.update({key: value for key, value in given.items() if value is not None})


def action[**P, R](*, event: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes a function an action: keyword-only, `by: Actor` required, atomic, audited.

    A Refusal rolls back and leaves an event of outcome "refused"; any other error leaves "failed". Where the event
    cannot be written nothing is done, and NotRecorded is raised.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        if "by" not in parameters or any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters.values()):
            raise TypeError(f"{function.__qualname__}: an action takes keywords only, `by` among them.")

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            by = kwargs["by"]
            if not isinstance(by, Actor):
                raise TypeError(f"{function.__qualname__}: `by` is an Actor.")
            details: dict[str, Any] = {"patient_id": _patient_of(kwargs)}
            token = _details.set(details)
            try:
                with _standing_out() as (outermost, first):
                    return _run(lambda: function(*args, **kwargs), event, by, details, outermost, first)
            finally:
                _details.reset(token)

        run.portico_event = event  # type: ignore[attr-defined]
        return run

    return decorate


@contextmanager
def _standing_out() -> Iterator[tuple[Outermost, bool]]:
    """The outermost action of the schema where we stand, and whether it is the one that begins here."""
    place = standing()
    schema = place.schema_name if place else None
    found = _outermost.get()
    while found is not None and found.schema != schema:
        found = found.beyond
    if found is not None:
        yield found, False
        return
    outermost = Outermost(schema, _outermost.get())
    tokens = _outermost.set(outermost), trail.waiting.set(outermost.noted)
    try:
        yield outermost, True
    finally:
        _outermost.reset(tokens[0])
        trail.waiting.reset(tokens[1])
        _write_rest(outermost)


def _write_rest(outermost: Outermost) -> None:
    """What was noted within an action that failed was read, or refused, all the same. The action's error is told."""
    try:
        for event in outermost.noted:
            trail.keep(event)
    except Exception:
        log.exception("audit.failed")


def _run[R](
    function: Callable[[], R], kind: str, by: Actor, details: dict[str, Any], outermost: Outermost, first: bool
) -> R:
    try:
        with transaction.atomic():
            result = function()
            done = trail.make(kind, by=by, **details)
            if first:
                trail.write([*outermost.noted, *outermost.events(), done])
                outermost.noted.clear()
            else:
                inner = Inner(done)
                outermost.inner.append(inner)
                connection.on_commit(inner)
        return result
    except Exception as error:
        outcome: trail.Outcome = "refused" if isinstance(error, Refusal) else "failed"
        code = error.code if isinstance(error, Refusal) else type(error).__name__
        trail.keep(trail.make(kind, by=by, **{**details, "outcome": outcome, "reason": code}))
        raise


def _patient_of(kwargs: dict[str, Any]) -> UUID | None:
    patient = kwargs.get("patient")
    found = kwargs.get("patient_id") if patient is None else getattr(patient, "id", None)
    return found if isinstance(found, UUID) else None

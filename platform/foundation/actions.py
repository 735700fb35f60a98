"""`@action`: the shape of every write. One transaction, one audit event as its last statement."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.audit import trail
from foundation.audit.actor import Actor
from foundation.errors import Refusal

_details: ContextVar[dict[str, Any] | None] = ContextVar("portico_action", default=None)


def about(
    *,
    patient_id: UUID | None = None,
    target: tuple[str, str] | None = None,
    reason: str | None = None,
    count: int | None = None,
) -> None:
    """Says more of the action that is running: whose data, which object, why, how many. No clinical content."""
    details = _details.get()
    if details is None:
        raise RuntimeError("about() was called outside an action.")
    given = {"patient_id": patient_id, "target": target, "reason": reason, "count": count}
    details.update({key: value for key, value in given.items() if value is not None})


def action[**P, R](*, event: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes a function an action: keyword-only, `by: Actor` required, atomic, audited.

    A Refusal rolls back and leaves an event of outcome "refused"; any other error leaves "failed".
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
                with transaction.atomic():
                    result = function(*args, **kwargs)
                    trail.write([trail.make(event, by=by, **details)])
                return result
            except Exception as error:
                outcome: trail.Outcome = "refused" if isinstance(error, Refusal) else "failed"
                code = error.code if isinstance(error, Refusal) else type(error).__name__
                trail.record(event, by=by, **{**details, "outcome": outcome, "reason": code})
                raise
            finally:
                _details.reset(token)

        run.portico_event = event  # type: ignore[attr-defined]
        return run

    return decorate


def _patient_of(kwargs: dict[str, Any]) -> UUID | None:
    patient = kwargs.get("patient")
    found = kwargs.get("patient_id") if patient is None else getattr(patient, "id", None)
    return found if isinstance(found, UUID) else None

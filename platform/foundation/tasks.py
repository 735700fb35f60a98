"""Background work that knows its hospital. A task without one, or with a forged one, is refused (S11, P6).

The hospital's schema travels as a signed argument. The worker opens the signature, looks the hospital up, enters it,
opens an audit trail, runs the body and leaves. A task of the vendor's own says so with `@public_task`; it has a ticket
as well, so that who can write to the broker, and has not the key, starts nothing. What was forged raises an alarm.
"""

from __future__ import annotations

import functools
import hashlib
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from celery import Task, shared_task
from django.core import signing
from django.db import connection, transaction

from foundation.audit import Actor, open_trail
from foundation.audit.alarms import raise_alarm
from foundation.logs import get_logger, hospital_slug
from foundation.tenancy import PUBLIC, HospitalRecord, assert_still_in, inside, inside_public, stand

log = get_logger(__name__)
MAX_AGE = timedelta(days=2)
SALT = "portico:task-hospital"


class TaskRefused(RuntimeError):
    """The task carries no ticket that opens it. `code` says why; a forged one raises an alarm."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code, words)  # both: Celery makes it anew of its arguments
        self.code = code

    def __str__(self) -> str:
        return str(self.args[1])

    @property
    def forged(self) -> bool:
        """Somebody other than us wrote it. One that waited too long, or whose hospital was shut, we wrote ourselves."""
        return self.code not in {"expired", "not_served"}


class FindHospital(Protocol):
    def __call__(self, schema_name: str) -> HospitalRecord | None: ...


_find_hospital: list[FindHospital] = []


def hospitals_are_found_by(find: FindHospital) -> None:
    """`tenants` says how a schema name becomes a hospital that may run tasks; None where it may not."""
    _find_hospital[:] = [find]


_list_hospitals: list[Callable[[], list[HospitalRecord]]] = []


def hospitals_are_listed_by(list_all: Callable[[], list[HospitalRecord]]) -> None:
    """`tenants` says which hospitals there are, suspended ones too."""
    _list_hospitals[:] = [list_all]


def every_place() -> list[HospitalRecord]:
    """`public` and each hospital, for the vendor's work on their schemas: it knows no patient."""
    return [PUBLIC, *(_list_hospitals[0]() if _list_hospitals else [])]


class AskProvisioner(Protocol):
    def __call__(self, kind: str, *, by: Actor, **arguments: Any) -> UUID: ...


_ask_provisioner: list[AskProvisioner] = []


def provisioner_is_asked_by(ask: AskProvisioner) -> None:
    """`tenants` says how work reaches the one process that holds the owner's connection."""
    _ask_provisioner[:] = [ask]


def ask_provisioner(kind: str, *, by: Actor, **arguments: Any) -> UUID:
    """Queues a job of `foundation.registry.provisioner_jobs` in the running transaction. The job's id."""
    return _ask_provisioner[0](kind, by=by, **arguments)


class HospitalTask[**P]:
    """A Celery task bound to the body that runs inside a hospital."""

    def __init__(self, task: Task[Any, Any], body: Callable[P, Any]) -> None:
        self.task = task
        self.body = body
        self.name: str = task.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Runs the body here and now, in the hospital where the caller stands."""
        return self.body(*args, **kwargs)

    def send(self, hospital: HospitalRecord, *, delay: float = 0, **arguments: Any) -> None:
        """Queues the task once the running transaction has committed."""
        token = ticket(hospital, self.name, arguments)
        transaction.on_commit(
            lambda: self.task.apply_async(kwargs={"hospital": token, "arguments": arguments}, countdown=delay)
        )


def ticket(hospital: HospitalRecord, task_name: str, arguments: dict[str, Any]) -> str:
    """The signed argument: it opens this task, for this hospital, with these arguments."""
    said = {"schema": hospital.schema_name, "task": task_name, "arguments": _digest(arguments)}
    return signing.dumps(said, salt=SALT)


def _digest(arguments: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(arguments, sort_keys=True, default=str).encode()).hexdigest()


def public_ticket(task_name: str, arguments: dict[str, Any]) -> str:
    """The ticket of a task of the vendor's own."""
    return ticket(PUBLIC, task_name, arguments)


def open_ticket(token: object, task_name: str, arguments: dict[str, Any]) -> HospitalRecord:
    """The hospital that a task's signed argument names. Raises TaskRefused."""
    schema = _opened(token, task_name, arguments)
    if schema == PUBLIC.schema_name:
        raise TaskRefused("public", "The task belongs to a hospital, and its ticket to none.")
    found = _find_hospital[0](schema) if _find_hospital else None
    if found is None:
        raise TaskRefused("not_served", "The task's hospital is not served.")
    return found


def open_public_ticket(token: object, task_name: str, arguments: dict[str, Any]) -> None:
    """Raises TaskRefused where the ticket is not one of the vendor's own work."""
    if _opened(token, task_name, arguments) != PUBLIC.schema_name:
        raise TaskRefused("hospital", "The task is the vendor's own, and its ticket a hospital's.")


def _opened(token: object, task_name: str, arguments: dict[str, Any]) -> str:
    """The schema of which the ticket is, if it opens this task with these arguments now."""
    try:
        said = signing.loads(str(token), salt=SALT, max_age=MAX_AGE)
    except signing.SignatureExpired as error:
        raise TaskRefused("expired", "The task waited too long: its ticket has run out.") from error
    except signing.BadSignature as error:
        raise TaskRefused("signature", "The task carries no ticket that can be believed.") from error
    if said.get("task") != task_name:
        raise TaskRefused("task", "The task carries the ticket of another task.")
    if said.get("arguments") != _digest(arguments):
        raise TaskRefused("arguments", "The task's arguments are not those that its ticket was made for.")
    return str(said["schema"])


def hospital_task[**P](*, name: str, **options: Any) -> Callable[[Callable[P, Any]], HospitalTask[P]]:
    """A task whose body runs inside one hospital. Arguments are ids and names, never data."""

    def decorate(body: Callable[P, Any]) -> HospitalTask[P]:
        @shared_task(name=name, acks_late=True, reject_on_worker_lost=True, **options)
        @functools.wraps(body)
        def run(*extra: object, hospital: str = "", arguments: dict[str, Any] | None = None, **more: object) -> None:
            token = "" if extra or more else hospital  # we send nothing else: who does has made it up
            _run(name, lambda: open_ticket(token, name, arguments or {}), body, arguments or {})

        wrapped = HospitalTask(run, body)
        ours[name] = wrapped
        return wrapped

    return decorate


class PublicTask[**P]:
    """A Celery task of the vendor's own."""

    def __init__(self, task: Task[Any, Any], body: Callable[P, Any]) -> None:
        self.task = task
        self.body = body
        self.name: str = task.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self.body(*args, **kwargs)

    def send(self, *, delay: float = 0, **arguments: Any) -> None:
        token = public_ticket(self.name, arguments)
        transaction.on_commit(
            lambda: self.task.apply_async(kwargs={"ticket": token, "arguments": arguments}, countdown=delay)
        )


def public_task[**P](*, name: str, **options: Any) -> Callable[[Callable[P, Any]], PublicTask[P]]:
    """A task that stands in `public`, by name: it sees hospitals, never what is in them."""

    def decorate(body: Callable[P, Any]) -> PublicTask[P]:
        @shared_task(name=name, acks_late=True, reject_on_worker_lost=True, **options)
        @functools.wraps(body)
        def run(*extra: object, ticket: str = "", arguments: dict[str, Any] | None = None, **more: object) -> None:
            token = "" if extra or more else ticket
            _run(name, lambda: open_public_ticket(token, name, arguments or {}), body, arguments or {})

        wrapped = PublicTask(run, body)
        ours[name] = wrapped
        return wrapped

    return decorate


# Every task of ours, by name: a message that names another one runs nothing that knows hospitals (tests/isolation).
ours: dict[str, HospitalTask[Any] | PublicTask[Any]] = {}


def _run(
    name: str, find: Callable[[], HospitalRecord | None], body: Callable[..., Any], arguments: dict[str, Any]
) -> None:
    began = time.monotonic()
    try:
        hospital = find()
    except TaskRefused as refused:
        log.error("task.refused", task=name, code=refused.code)
        if refused.forged:
            raise_alarm("task.forged", target=name, detail=refused.code)
        raise
    slug = hospital_slug.set(hospital.slug if hospital else "")
    try:
        with inside(hospital) if hospital else inside_public(), open_trail():
            body(**arguments)
            assert_still_in(hospital or PUBLIC)
        log.info("task.done", task=name, ms=round((time.monotonic() - began) * 1000))
    finally:
        hospital_slug.reset(slug)
        if not connection.in_atomic_block:
            stand(None)

"""The provisioner: the one process that holds the owner's connection. It listens to no network.

It takes jobs from a table in `public` into which web and workers may only insert: make, migrate, suspend, resume and
delete a hospital, and what other packages add to `foundation.registry.provisioner_jobs`. A notification wakes it; where
one is lost it looks every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from foundation import clock
from foundation.audit import Actor, open_trail
from foundation.database import NotTheOwner, as_owner
from foundation.database.starting import connect
from foundation.errors import Refusal
from foundation.logs import get_logger
from foundation.registry import provisioner_jobs
from foundation.tenancy import inside_public
from tenants.errors import JobFailed, NoProvisioner
from tenants.models import Job

log = get_logger(__name__)
CHANNEL = "portico_jobs"
ONE_LOCK = 7_204_003
LOOK_EVERY = 5.0
PATIENCE = 30.0
type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class JobView:
    """How a job stands. `error` is in words for people."""

    id: UUID
    kind: str
    state: str
    result: dict[str, Any] | None
    error: str


def ask(kind: str, *, by: Actor, **arguments: Any) -> UUID:
    """Queues a job in the running transaction; its id. The arguments are JSON: names and ids, never data."""
    provisioner_jobs.get(kind)  # a kind that nobody does is refused here, not in the other process
    with inside_public():
        job = Job(
            kind=kind, arguments=arguments, actor_kind=by.kind, actor_id=by.id, actor_name=by.name, actor_role=by.role
        )
        job.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(job.id)])
    return job.id


def outcome(job_id: UUID) -> JobView:
    with inside_public():
        row = Job.objects.values_list("id", "kind", "state", "result", "error").get(id=job_id)
    return JobView(*row)


def run_or_ask(kind: str, *, by: Actor, say: Say = lambda words: None, **arguments: Any) -> dict[str, Any]:
    """For commands: does the job here where this process holds the owner's connection, else asks for it and waits.

    Raises the job's own refusal, JobFailed with its words, or NoProvisioner.
    """
    if settings.PORTICO_OWNS_DATABASE:
        with inside_public():
            return provisioner_jobs.get(kind)(by=by, **arguments) or {}
    job_id = ask(kind, by=by, **arguments)
    say("The provisioner was asked.")
    began = time.monotonic()
    while (found := outcome(job_id)).state in {Job.State.QUEUED, Job.State.RUNNING}:
        if found.state == Job.State.QUEUED and time.monotonic() - began > PATIENCE:
            raise NoProvisioner
        time.sleep(0.2)
    if found.state == Job.State.FAILED:
        raise JobFailed(found.error)
    return found.result or {}


@contextmanager
def the_only_one() -> Iterator[Any]:
    """A connection that holds the provisioner's lock and hears of new jobs. Raises Refusal where another one has it."""
    with connect() as listening:
        row = listening.execute("SELECT pg_try_advisory_lock(%s)", [ONE_LOCK]).fetchone()
        if row != (True,):
            raise JobFailed("A provisioner runs already for this database.")
        listening.execute(f"LISTEN {CHANNEL}")
        yield listening


def serve(stopped: Callable[[], bool]) -> None:
    """Works until `stopped` says so."""
    if not settings.PORTICO_OWNS_DATABASE:
        raise NotTheOwner("The provisioner needs DATABASE_ADMIN_URL, the owner's connection.")
    with the_only_one() as listening:
        _take_up_again()
        log.info("provisioner.started")
        while not stopped():
            while not stopped() and work_off_one():
                pass
            _wait(listening, stopped)
        log.info("provisioner.stopped")


def _wait(listening: Any, stopped: Callable[[], bool]) -> None:
    """Until somebody asks, until it is time to look anyway, or until the end."""
    until = time.monotonic() + LOOK_EVERY
    while not stopped() and time.monotonic() < until:
        if any(True for _ in listening.notifies(timeout=0.5, stop_after=1)):
            return


def _take_up_again() -> None:
    """Jobs that ran when an earlier provisioner died run again: each is one transaction, or starts where it stopped."""
    with inside_public(), as_owner():
        Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.QUEUED)


def work_off_one() -> bool:
    """Takes the oldest job and does it. False where there is none."""
    with inside_public(), as_owner(), transaction.atomic():
        waiting = Job.objects.select_for_update(skip_locked=True).filter(state=Job.State.QUEUED)
        job = waiting.order_by("asked_at").first()
        if job is None:
            return False
        Job.objects.filter(id=job.id).update(state=Job.State.RUNNING, began_at=clock.now())
    began = time.monotonic()
    values = _done(job)
    with inside_public(), as_owner():
        Job.objects.filter(id=job.id).update(ended_at=clock.now(), **values)
    log.info("provisioner.job", kind=job.kind, state=values["state"], ms=round((time.monotonic() - began) * 1000))
    return True


def _done(job: Job) -> dict[str, Any]:
    by = Actor(job.actor_kind, job.actor_id, job.actor_name, job.actor_role)  # type: ignore[arg-type]
    try:
        with inside_public(), open_trail():
            result = provisioner_jobs.get(job.kind)(by=by, **job.arguments)
    except Refusal as refusal:
        return {"state": Job.State.FAILED, "error": str(refusal)}
    except Exception as error:
        log.exception("provisioner.failed", kind=job.kind)
        return {"state": Job.State.FAILED, "error": f"It failed ({type(error).__name__}). The log says where."}
    return {"state": Job.State.DONE, "result": result or {}}

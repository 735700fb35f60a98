"""Beginning, continuing and ending a run."""

from __future__ import annotations

from datetime import timedelta

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.logs import get_logger
from portal.ehr.errors import Fault
from portal.ehr.models import Connection, PatientProgress, SyncRun
from portal.ehr.planning import Mode
from portal.ehr.tally import Tally

log = get_logger(__name__)
CONTINUE_WITHIN = timedelta(hours=24)
KEEP_RUNS = timedelta(days=30)
State = SyncRun.State


@action(event="sync.started")
def begin(*, by: Actor, connected: Connection, mode: str) -> SyncRun:
    """The run to work on: the interrupted one of the same kind, or a new one. The caller holds the lock."""
    moment = now()
    connected.last_attempt_at = moment
    connected.save(update_fields=["last_attempt_at"])
    left = SyncRun.objects.filter(connection=connected, state__in=[State.RUNNING, State.FAILED]).order_by("-started_at")
    run = None if mode == Mode.CHOSEN else left.filter(mode=mode, started_at__gt=moment - CONTINUE_WITHIN).first()
    run = run if run and not _superseded(run) else None
    stale = left.filter(state=State.RUNNING)
    (stale.exclude(id=run.id) if run else stale).update(state=State.FAILED, finished_at=moment)
    if run:
        run.state, run.finished_at, run.fault = State.RUNNING, None, ""
        run.save()
    else:
        run = SyncRun.objects.create(connection=connected, mode=mode)
    about(target=("run", str(run.id)))
    log.info("sync.started", run=str(run.id), connection=str(connected.id), kind=run.mode)
    return run


def _superseded(run: SyncRun) -> bool:
    later = SyncRun.objects.filter(connection_id=run.connection_id, started_at__gt=run.started_at)
    return later.filter(state__in=[State.DONE, State.PARTLY]).exclude(mode=Mode.CHOSEN).exists()


def count_patient(run: SyncRun, tally: Tally) -> None:
    """Notes that one more patient is done, for whoever watches. What is done is said by the patient's own progress."""
    run.patients_done += 1
    run.counts = tally.dump()
    run.save(update_fields=["patients_done", "patients_total", "counts"])


@action(event="sync.finished")
def finish(*, by: Actor, run: SyncRun, connected: Connection, tally: Tally) -> None:
    """The run reached its end: the next increment begins at this run's own beginning, on the source's clock."""
    missing = PatientProgress.objects.filter(connection=connected).exclude(missing={}).exists()
    gaps = tally.totals["failed_patients"] or tally.totals["list_cut_short"]
    run.state = State.PARTLY if missing or gaps else State.DONE
    run.finished_at, run.counts = now(), tally.dump()
    run.save()
    saved = ["counts", "learned"]
    if run.mode != Mode.CHOSEN:
        saved += ["changes_from", "last_full_at", "last_success_at", "status", "last_fault"]
        if run.as_of and not gaps:
            connected.changes_from = run.as_of
        if run.mode != Mode.CHANGES and not gaps:
            connected.last_full_at = run.finished_at
        connected.last_success_at = run.finished_at
        connected.status, connected.last_fault = Connection.Status.WORKING, ""
    SyncRun.objects.filter(connection=connected, started_at__lt=run.finished_at - KEEP_RUNS).delete()
    connected.counts = tally.dump()
    connected.save(update_fields=saved)
    about(target=("run", str(run.id)), count=run.patients_done)
    log.info("sync.finished", run=str(run.id), patients=run.patients_done, read=tally.sum("read"),
             changed=tally.sum("new") + tally.sum("changed"), gone=tally.sum("gone"), state=str(run.state))  # fmt: skip


@action(event="sync.finished")
def fail(*, by: Actor, run: SyncRun, connected: Connection, tally: Tally, fault: Fault) -> None:
    """The source could not be used. What was stored stays; the run is continued next time."""
    run.state, run.fault, run.finished_at, run.counts = State.FAILED, fault.value, now(), tally.dump()
    run.save()
    connected.status, connected.last_fault = Connection.Status.FAILING, fault.value
    connected.save(update_fields=["status", "last_fault", "learned"])
    about(target=("run", str(run.id)), reason=fault.value, count=run.patients_done)

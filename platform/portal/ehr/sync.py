"""Synchronising a hospital: patient by patient, each in a transaction of its own, resumable after a kill at any point.

A run says where it is in the database alone: a patient is done once the transaction that stored them has committed,
and the next run begins from the source's clock of the last run that reached its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from foundation.audit import Actor, flush
from foundation.clock import now
from foundation.logs import get_logger
from portal.access.erased import hold_known
from portal.access.errors import WasErased
from portal.ehr import fetching, runs, sharing
from portal.ehr.connector import EHRConnector
from portal.ehr.errors import ConnectorError, NoConnection
from portal.ehr.locking import only_one
from portal.ehr.models import Connection, PatientProgress, Resource, SyncRun
from portal.ehr.opening import open_connector
from portal.ehr.planning import Mode, Plan
from portal.ehr.queries import active_connection
from portal.ehr.storing import commit_without_waiting, news, store_patient, withdraw_patient
from portal.ehr.tally import Tally

log = get_logger(__name__)
COMPARE_EVERY = timedelta(hours=24)
AHEAD = 2
MOST_WITHDRAWN = 3
type Progress = Callable[[SyncRun, str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended. `unknown` are patients that were asked for by id and that the source does not have."""

    run: SyncRun
    tally: Tally
    unknown: tuple[str, ...] = ()
    detail: str = ""


def synchronise(
    *,
    by: Actor,
    full: bool = False,
    only: tuple[str, ...] = (),
    progress: Progress | None = None,
    wait_seconds: float = 0.0,
) -> Report:
    """One run over the hospital in which we stand. Raises NoConnection, SyncRuns; a failed source is in the report."""
    connected = active_connection()
    if connected is None:
        raise NoConnection
    with only_one(wait_seconds):
        run = runs.begin(by=by, connected=connected, mode=_mode(connected, full, only))
        if run.mode == Mode.FULL:
            connected.learned = {}
        tally = Tally.load(run.counts)
        unknown: list[str] = []
        try:
            connector = open_connector(connected)
            try:
                unknown = _visit_all(by, connected, connector, run, tally, only, progress)
            finally:
                connected.learned = connector.learned
                connector.close()
        except ConnectorError as error:
            log.warning("sync.failed", run=str(run.id), code=error.fault.value, status=error.status)
            runs.fail(by=by, run=run, connected=connected, tally=tally, fault=error.fault)
            return Report(run, tally, tuple(unknown), error.detail)
        runs.finish(by=by, run=run, connected=connected, tally=tally)
        return Report(run, tally, tuple(unknown))


def _mode(connected: Connection, full: bool, only: tuple[str, ...]) -> str:
    if only:
        return Mode.CHOSEN
    if full or not connected.changes_from:
        return Mode.FULL
    compared = connected.last_full_at
    return Mode.COMPARE if compared is None or compared < now() - COMPARE_EVERY else Mode.CHANGES


def _visit_all(
    by: Actor,
    connected: Connection,
    connector: EHRConnector,
    run: SyncRun,
    tally: Tally,
    only: tuple[str, ...],
    progress: Progress | None,
) -> list[str]:
    """Every patient of the plan, the next ones being fetched while one is stored."""
    plan = Plan(connected, connector, run, only)
    shared = fetching.SharedKeys()
    workers = int(connected.settings.get("parallel", 4))
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="ehr") as pool:
        for pending in _ahead(fetching.start(connector, pool, asked) for asked in plan):
            fetched = fetching.finish(connector, connected.id, pending, shared)
            _store(by, run, fetched, tally)
            if progress:
                progress(run, pending.key.fhir_id)
    if plan.cut_short:
        log.warning("sync.list_cut_short", run=str(run.id), code=plan.cut_short)
        tally.totals["list_cut_short"] = 1
    elif run.mode in {Mode.FULL, Mode.COMPARE}:
        _withdraw_absent(by, connected, connector, run, plan, tally)
        sharing.refresh(by=by, run=run, connector=connector, tally=tally)
    return plan.unknown


def _ahead(source: Iterator[fetching.Pending]) -> Iterator[fetching.Pending]:
    waiting: deque[fetching.Pending] = deque()
    for pending in source:
        waiting.append(pending)
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


def _store(by: Actor, run: SyncRun, fetched: fetching.Fetched, tally: Tally) -> None:
    """One patient's transaction. A patient who cannot be stored is noted and does not stop the others."""
    anew = run.mode in {Mode.FULL, Mode.CHOSEN}
    before = tally.dump()
    try:
        with transaction.atomic():
            commit_without_waiting()
            if fetched.asked.patient_id:
                hold_known(fetched.asked.patient_id)
            if anew or news(run, fetched):
                tally.add(store_patient(by=by, run=run, fetched=fetched, everything=anew))
            runs.count_patient(run, tally)
    except Exception as error:
        if isinstance(error, DatabaseError) and (connection.connection is None or connection.connection.closed):
            raise
        log.exception("sync.patient_failed", run=str(run.id))
        tally.reset(before)
        tally.totals["failed_patients"] += 1
    flush()


def _withdraw_absent(
    by: Actor, connected: Connection, connector: EHRConnector, run: SyncRun, plan: Plan, tally: Tally
) -> None:
    """Patients whom the source no longer lists, and says itself that it does not have.

    Where that would be most of them, it is the source that is broken: nobody is withdrawn.
    """
    held = Resource.objects.filter(patient=OuterRef("patient"), connection=connected, gone_at=None)
    known = PatientProgress.objects.filter(Exists(held), connection=connected)
    absent = list(known.exclude(fhir_id__in=plan.listed))
    if len(absent) > max(MOST_WITHDRAWN, known.count() // 2):
        log.error("sync.too_many_absent", run=str(run.id), count=len(absent))
        tally.totals["list_cut_short"] = 1
        return
    for progress in absent:
        if connector.find_patient(progress.fhir_id) is None:
            with suppress(WasErased), transaction.atomic():
                hold_known(progress.patient_id)
                tally.add(withdraw_patient(by=by, run=run, progress=progress))

"""Storing what came for one patient: mirror, projections and progress, all of it in one transaction or none."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from foundation.actions import about, action
from foundation.audit import Actor, record
from foundation.clock import now
from foundation.registry import MirrorRow
from portal.access.actions import register_patient
from portal.ehr import mirror
from portal.ehr.fetching import Fetched
from portal.ehr.models import PatientProgress, SyncRun
from portal.ehr.people import facts
from portal.ehr.projecting import project
from portal.ehr.tally import Tally
from portal.ehr.values import Kind, Received


def news(run: SyncRun, fetched: Fetched) -> bool:
    """True where the answers differ from the mirror. Where they do not, only the progress is noted: no event."""
    progress = fetched.asked.progress
    if progress is None or fetched.shared or any(kind.rejected for kind in fetched.kinds):
        return True
    resources = _resources(fetched, Tally())
    known = mirror.find(run.connection_id, progress.patient_id, [r.key for r in resources])
    for resource in resources:
        stored = known.get(resource.key)
        if stored is None or stored.gone or stored.patient_id != progress.patient_id:
            return True
        if (stored.content_hash, stored.version_id) != (resource.content_hash, resource.version_id):
            return True
    if _gone(fetched, known, progress.patient_id):
        return True
    _advance(progress, fetched.kinds, run.id)
    return False


@action(event="record.synchronised")
def store_patient(*, by: Actor, run: SyncRun, fetched: Fetched, everything: bool) -> Tally:
    """Stores one patient's answers. `everything` projects all rows anew and trusts older versions.

    The next increment begins where this one was asked, for each kind that was read to its end; for the others it
    stays where it was, and the kind is noted as missing.
    """
    progress = fetched.asked.progress
    if progress is not None:
        about(patient_id=progress.patient_id)
    tally = Tally()
    resources = _resources(fetched, tally)
    known = mirror.find(
        run.connection_id, progress.patient_id if progress else None, [r.key for r in (*resources, *fetched.shared)]
    )
    body = fetched.asked.body
    stored = known.get(body.key)
    person_changed = stored is None or stored.gone or stored.content_hash != body.content_hash
    if progress is None or person_changed:
        patient = register_patient(by=by, source=run.connection_id, fhir_id=body.fhir_id, **facts(body.body))
        progress = progress or PatientProgress(
            connection_id=run.connection_id, fhir_id=body.fhir_id, patient_id=patient.id
        )
    patient_id = progress.patient_id
    written = mirror.write(run.connection_id, patient_id, resources, known, trust_older=everything)
    shared = mirror.write(run.connection_id, None, fetched.shared, known, trust_older=everything)
    gone = mirror.withdraw(_gone(fetched, known, patient_id))
    anew = fetched.asked.progress is not None and (everything or (person_changed and stored is not None))
    _project(patient_id, written, gone, anew, tally)
    _count(tally, [*written.rows, *shared.rows], known, gone)
    _advance(progress, fetched.kinds, run.id)
    if tally.totals["rejected"]:
        record("record.refused", by=by, patient_id=patient_id, count=tally.totals["rejected"], outcome="refused")
    about(patient_id=patient_id, target=("run", str(run.id)), count=len(written.rows) + len(gone))
    return tally


def commit_without_waiting() -> None:
    """The disk is waited for once, at the run's end: a patient lost in a power cut is read again, progress and all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _resources(fetched: Fetched, tally: Tally) -> list[Received]:
    """The patient's own and all kinds', each key once; the newest of two versions."""
    found: dict[tuple[str, str], Received] = {fetched.asked.body.key: fetched.asked.body}
    for kind in fetched.kinds:
        tally.totals["rejected"] += kind.rejected
        tally.totals["outcomes"] += kind.outcomes
        for received in kind.resources:
            before = found.get(received.key)
            if received.type != "Patient" and (before is None or before.last_updated <= received.last_updated):
                found[received.key] = received
    for received in found.values():
        tally.count(received.type, "read")
    for received in fetched.shared:
        tally.count(received.type, "read")
    return list(found.values())


def _gone(fetched: Fetched, known: dict[mirror.Key, mirror.Stored], patient_id: UUID) -> list[UUID]:
    """Rows that the source no longer has: only of kinds whose ids were read to the end, with nothing rejected."""
    sure = {kind.type for kind in fetched.kinds if kind.complete and not kind.rejected}
    whole = {kind.type for kind in fetched.kinds if kind.whole}
    received = {r.key for kind in fetched.kinds for r in kind.resources}
    return [
        row.id
        for key, row in known.items()
        if row.patient_id == patient_id
        and not row.gone
        and key[0] in sure
        and key[0] in fetched.present
        and key[1] not in fetched.present[key[0]]
        and key not in received
        and (key[1][0] != "~" or key[0] in whole)
    ]


def _project(patient_id: UUID, written: mirror.Written, gone: list[MirrorRow], anew: bool, tally: Tally) -> None:
    for other, rows in written.moved.items():
        project(other, [], rows)
    changed = mirror.rows_of(patient_id) if anew else written.rows
    projected, kept = project(patient_id, changed, gone, written.notes)
    tally.totals["projected"] += projected
    tally.totals["kept"] += kept


def _count(tally: Tally, rows: list[MirrorRow], known: dict[mirror.Key, mirror.Stored], gone: list[MirrorRow]) -> None:
    for row in rows:
        tally.count(row.type, "changed" if (row.type, row.fhir_id) in known else "new")
    for row in gone:
        tally.count(row.type, "gone")


def _advance(progress: PatientProgress, kinds: list[Kind], run_id: UUID) -> None:
    for kind in kinds:
        if kind.complete:
            progress.missing.pop(kind.type, None)
            if kind.as_of:
                progress.since[kind.type] = kind.as_of
            elif kind.whole:
                progress.since.pop(kind.type, None)
        else:
            progress.missing[kind.type] = kind.fault
    progress.run = run_id
    progress.synced_at = now()
    progress.save()


@action(event="record.synchronised")
def withdraw_patient(*, by: Actor, run: SyncRun, progress: PatientProgress) -> Tally:
    """The source says that it has this patient no more: all rows are marked, and leave the pages."""
    rows = [row for row in mirror.rows_of(progress.patient_id) if row.source == str(run.connection_id)]
    gone = mirror.withdraw([row.id for row in rows])
    project(progress.patient_id, [], gone)
    tally = Tally()
    for row in gone:
        tally.count(row.type, "gone")
    progress.since, progress.missing, progress.run, progress.synced_at = {}, {}, run.id, now()
    progress.save()
    about(patient_id=progress.patient_id, target=("run", str(run.id)), count=len(gone))
    return tally

"""Practitioners, places and medications that many patients' records point at: brought up to date once a day."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction

from foundation.audit import Actor, record
from portal.ehr import mirror
from portal.ehr.connector import EHRConnector
from portal.ehr.fetching import read_quietly
from portal.ehr.models import SyncRun
from portal.ehr.projecting import project
from portal.ehr.tally import Tally

AT_ONCE = 200


def refresh(*, by: Actor, run: SyncRun, connector: EHRConnector, tally: Tally) -> None:
    """Reads them again by id, stores what changed, and projects anew the records that point at what changed."""
    changed: list[str] = []
    for kind, ids in _held(run.connection_id):
        received = read_quietly(connector, kind, ids)
        with transaction.atomic():
            known = mirror.find(run.connection_id, None, [r.key for r in received])
            written = mirror.write(run.connection_id, None, received, known, trust_older=True)
        changed += [f"{row.type}/{row.fhir_id}" for row in written.rows]
        tally.count(kind, "changed", len(written.rows))
    for patient_id, row_ids in _pointing_at(run.connection_id, changed):
        with transaction.atomic():
            project(patient_id, mirror.rows_by_id(row_ids), [])
            record("record.synchronised", by=by, patient_id=patient_id, target=("run", str(run.id)), count=len(row_ids))


def _held(connection_id: UUID) -> Iterator[tuple[str, list[str]]]:
    """By kind, some hundred ids at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, array_agg(fhir_id ORDER BY fhir_id) FROM ehr_resource "
            "WHERE connection_id = %s AND patient_id IS NULL AND fhir_id NOT LIKE '~%%' GROUP BY type ORDER BY type",
            [connection_id],
        )
        for kind, ids in cursor.fetchall():
            for start in range(0, len(ids), AT_ONCE):
                yield kind, ids[start : start + AT_ONCE]


def _pointing_at(connection_id: UUID, names: list[str]) -> list[tuple[UUID, list[UUID]]]:
    """Patients' rows that name one of these. Reads all rows: it runs only where something shared did change."""
    if not names:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT patient_id, array_agg(id) FROM ehr_resource WHERE connection_id = %s AND patient_id IS NOT NULL "
            "AND gone_at IS NULL AND body::text LIKE ANY(%s) GROUP BY patient_id",
            [connection_id, [f'%{name}"%' for name in names]],
        )
        return list(cursor.fetchall())

"""Telling the projectors what changed, and keeping what they could not use."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from foundation.clock import now, uuid7
from foundation.logs import get_logger
from foundation.registry import Kept, MirrorRow, projectors
from portal.ehr.mirror import rows_of
from portal.ehr.models import Unprojected

log = get_logger(__name__)
INSERT = "COPY ehr_unprojected (id, resource_id, source, reason, seen_at) FROM STDIN"


def project(
    patient_id: UUID,
    changed: list[MirrorRow],
    removed: list[MirrorRow],
    notes: Iterable[tuple[UUID, str]] = (),
) -> tuple[int, int]:
    """Runs every projector over a patient's rows. Returns how many rows were projected and how many things kept.

    A projector that fails leaves its rows in the mirror, marked; it does not stop the synchronisation.
    """
    if not changed and not removed:
        return 0, 0
    found = [("ehr", Kept(row_id, note)) for row_id, note in notes]
    for name, projector in projectors.items():
        try:
            with transaction.atomic():
                found += [(name, kept) for kept in projector(patient_id, changed, removed)]
        except Exception:
            log.exception("ehr.projector_failed", kind=name, count=len(changed))
            found += [(name, Kept(row.id, Unprojected.Reason.FAILED.value)) for row in changed]
    touched = {row.id for row in (*changed, *removed)}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ehr_unprojected WHERE resource_id = ANY(%s) AND reason <> %s",
            [list(touched), Unprojected.Reason.UNREADABLE.value],
        )
        kept = {(name, entry.resource_id, entry.reason[:200]) for name, entry in found if entry.resource_id in touched}
        if kept:
            with cursor.copy(INSERT) as copy:
                for name, row_id, reason in sorted(kept, key=str):
                    copy.write_row((uuid7(), row_id, name, reason, now()))
    return len(changed) - len({row_id for _name, row_id, _reason in kept}), len(kept)


def rebuild(patient_id: UUID) -> tuple[int, int]:
    """Makes a patient's projections anew from the mirror, without asking the source."""
    return project(patient_id, rows_of(patient_id), [])

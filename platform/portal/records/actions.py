"""Writes: what a person opened, and the copies of a record they ask for."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now, uuid7
from foundation.permissions import PatientRef
from portal.records.models import RecordExport

OPEN = """
    INSERT INTO records_opening (id, user_id, patient_id, item_id, opened_at)
    SELECT id, %(user)s, %(patient)s, item, %(now)s FROM unnest(%(ids)s::uuid[], %(items)s::uuid[]) AS given (id, item)
        ON CONFLICT ON CONSTRAINT records_opening_once DO NOTHING
"""


@action(event="result.opened")
def note_opened(*, by: Actor, user_id: UUID, patient_id: UUID, items: Sequence[UUID]) -> None:
    """Remembers that somebody opened these results or reports for the first time. They are new no more."""
    about(target=("result", str(items[0])), count=len(items))
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {
            "user": user_id, "patient": patient_id, "now": now(),
            "ids": [uuid7() for _item in items], "items": list(items),
        })  # fmt: skip


@action(event="export.asked")
def ask_for_copy(*, by: Actor, user_id: UUID, patient: PatientRef, language: str) -> UUID:
    """Notes that somebody wants a copy of this record; a task makes it. The id of the copy."""
    made = RecordExport.objects.create(user_id=user_id, patient_id=patient.id, language=language)
    about(target=("export", str(made.id)))
    return made.id


@action(event="export.failed")
def give_up_copy(*, by: Actor, export_id: UUID) -> None:
    """Notes that a copy will not be made. Its page says so, and offers another try."""
    about(target=("export", str(export_id)))
    RecordExport.objects.filter(id=export_id).update(state=RecordExport.State.FAILED)

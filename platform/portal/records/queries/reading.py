"""The gate and the one way from a statement to frozen rows, shared by all reads of the record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

from foundation.audit import record
from foundation.permissions import PatientRef, Viewer
from portal.access.queries import patient_for


def select[T](make: Callable[..., T], statement: str, parameters: Mapping[str, Any]) -> list[T]:
    """Runs one statement, and makes one thing of each row, its columns in order."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [make(*row) for row in cursor.fetchall()]


def opened_by(viewer: Viewer, event: str, target: tuple[str, str], count: int | None = None) -> PatientRef:
    """The patient whose record this viewer reads. Raises NotFound, and notes the read."""
    patient = patient_for(viewer)
    record(event, by=viewer.actor, patient_id=patient.id, target=target, count=count)
    return patient


def with_json(row: Sequence[Any], place: int) -> list[Any]:
    """A row whose column at `place` is JSON."""
    return [*row[:place], decoded(row[place]), *row[place + 1 :]]


def decoded(text: str) -> Any:
    """JSON that the database gave as text: it keeps every digit."""
    return orjson.loads(text)

"""Names for the ids that events carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from foundation.errors import NotFound
from portal.access.models import Patient


def names_of(ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """Names of people and patients. No statement where nothing is asked."""
    wanted = list({found for found in ids if found is not None})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM access_patient WHERE id = ANY(%s) "
            "UNION ALL SELECT id, name FROM accounts_user WHERE id = ANY(%s)",
            [wanted, wanted],
        )
        return dict(cursor.fetchall())


def ids_of(patient_id: UUID) -> tuple[UUID, ...]:
    """The patient, and those whose records were joined to theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM access_patient WHERE merged_into_id = %s", [patient_id])
        return (patient_id, *(row[0] for row in cursor.fetchall()))


@dataclass(frozen=True, slots=True)
class Known:
    """A patient as the officer sees them in lists."""

    id: UUID
    name: str
    birth_date: date | None
    mrn: str


def known(patient_id: UUID) -> Known:
    """Raises NotFound."""
    row = Patient.objects.filter(pk=patient_id).values_list("id", "name", "birth_date", "mrn").first()
    if row is None:
        raise NotFound
    return Known(*row)


def patients_called(text: str, most: int = 20) -> list[Known]:
    """Patients whose name holds each of these words, or whose record number this is."""
    found = Patient.objects.filter(merged_into=None)
    named = found
    for word in text.split()[:5]:
        named = named.filter(name__icontains=word)
    matching = named | found.filter(mrn=text.strip())
    return [
        Known(*row) for row in matching.order_by("name", "id").values_list("id", "name", "birth_date", "mrn")[:most]
    ]

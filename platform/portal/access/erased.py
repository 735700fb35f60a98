"""Who was erased, and must not come back by themselves. Only a keyed hash of the source's id for them is kept."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from foundation.crypto import fingerprint
from portal.access.errors import WasErased
from portal.access.models import ErasedPatient

PURPOSE = "access.erased"


def digest_of(source: UUID | None, fhir_id: str) -> str:
    return fingerprint(f"{source or ''}:{fhir_id}", purpose=PURPOSE)


def marker(patient_id: UUID) -> str:
    """What stands for the source's id in the row of somebody who was erased."""
    return f"erased-{patient_id}"


def hold_known(patient_id: UUID) -> None:
    """Holds a patient for this transaction: an erasure of them waits for its end. Raises WasErased after one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM access_patient WHERE id = %s AND fhir_id <> %s FOR KEY SHARE",
            [patient_id, marker(patient_id)],
        )
        if cursor.fetchone() is None:
            raise WasErased


def is_erased(source: UUID | None, fhir_id: str) -> bool:
    return fhir_id in ErasedFrom(source)


class ErasedFrom:
    """The erased of one source, read once: `fhir_id in erased` for each patient of a synchronisation."""

    def __init__(self, source: UUID | None) -> None:
        self.source = source
        self.digests = frozenset(ErasedPatient.objects.values_list("digest", flat=True))

    def __contains__(self, fhir_id: str) -> bool:
        return bool(self.digests) and digest_of(self.source, fhir_id) in self.digests


def note_erased(people: Iterable[tuple[UUID | None, str]]) -> None:
    """Leaves the trace: under their source, and under no source, as whoever adds a person by hand names none."""
    digests = {digest_of(at, fhir_id) for source, fhir_id in people for at in (source, None)}
    ErasedPatient.objects.bulk_create([ErasedPatient(digest=d) for d in sorted(digests)], ignore_conflicts=True)


def forget_erased(source: UUID | None, fhir_id: str) -> int:
    """Takes the trace away, for somebody who wants to be back. The number of traces."""
    digests = [digest_of(source, fhir_id), digest_of(None, fhir_id)]
    return ErasedPatient.objects.filter(digest__in=digests).delete()[0]

"""Taking everything out that is kept about a patient, but what the law asks to keep. One transaction, every table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.personal import Declaration, Kept, Subject, erasers, personal
from portal.access.erased import note_erased
from portal.access.models import OPEN_RECORD, Patient, PatientUserObjectPermission
from portal.access.queries import joined_ids
from portal.accounts.models import Role, User
from portal.personal.errors import AlreadyAnswered
from portal.personal.models import DataRequest


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of data: how much of it there is, and why it stays where it does."""

    title: str | Promise
    rows: int
    kept: str | Promise = ""


def is_here(said: Declaration) -> bool:
    """Whether hospitals have this table: some stand in `public` alone."""
    return said.model._meta.app_config.name not in settings.PUBLIC_APPS


def subject_of(patient_id: UUID, user_id: UUID) -> Subject:
    """The patient, and the account that asked, where it is nobody else's way in and nobody's who works here."""
    ids = joined_ids(patient_id)
    return Subject(ids, user_id if _is_theirs_alone(user_id, ids) else None)


def _is_theirs_alone(user_id: UUID, patient_ids: Iterable[UUID]) -> bool:
    roles = User.objects.filter(pk=user_id).values_list("roles", flat=True).first()
    others = PatientUserObjectPermission.objects.filter(user_id=user_id, permission__codename=OPEN_RECORD)
    return roles == [Role.PATIENT.value] and not others.exclude(content_object_id__in=patient_ids).exists()


def preview(subject: Subject) -> Iterator[Line]:
    """What an erasure would take and what it would leave, with how many rows of each."""
    for said in personal():
        if is_here(said) and (rows := said.rows(subject).count()):
            yield Line(said.title, rows, said.erase.reason if isinstance(said.erase, Kept) else "")


@action(event="data.erased")
def erase_person(*, by: Actor, request_id: UUID, patient_id: UUID) -> int:
    """Carries out an erasure that a patient asked for. The number of rows. Raises AlreadyAnswered.

    The patient's row is locked first: a synchronisation that is at them ends before, or fails for them after. What
    was asked and when stays, without its words; the audit stays; a trace stays that keeps them from coming back.
    """
    about(target=("data_request", str(request_id)))
    asked = DataRequest.objects.select_for_update(no_key=True).filter(
        id=request_id, patient_id=patient_id, kind=DataRequest.Kind.ERASE, state=DataRequest.State.OPEN
    ).first()  # fmt: skip
    if asked is None:
        raise AlreadyAnswered
    subject = subject_of(patient_id, asked.user_id)
    people = Patient.objects.select_for_update().filter(id__in=subject.patient_ids).order_by("id")
    note_erased([(person.source, person.fhir_id) for person in people])
    taken = sum(said.erase(said, subject) for said in erasers() if is_here(said) and callable(said.erase))
    DataRequest.objects.filter(id=request_id).update(
        state=DataRequest.State.DONE, answered_at=now(), answered_by=by.id, rows_erased=taken
    )
    about(count=taken)
    return taken

"""Writes: copies, from asked for to handed out, and what people ask of the hospital."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.permissions import PatientRef
from foundation.storage import hospital_files
from portal.personal.errors import AlreadyAnswered, AlreadyAsked, CopyIsGone
from portal.personal.models import DataCopy, DataRequest

UNMADE = (DataCopy.State.WAITING, DataCopy.State.MAKING)


@action(event="data.copy_asked")
def ask_for_copy(*, by: Actor, user_id: UUID, patient: PatientRef | None, language: str) -> UUID:
    """Notes that somebody wants a copy of everything; a task makes it. One that lay ready goes. The id of the copy."""
    _replace(user_id)
    made = DataCopy.objects.create(user_id=user_id, patient_id=patient.id if patient else None, language=language)
    about(target=("data_copy", str(made.id)))
    return made.id


def _replace(user_id: UUID) -> None:
    """Nobody fills the store by asking again and again."""
    ready, store = DataCopy.objects.filter(user=user_id, state=DataCopy.State.READY), hospital_files()
    for key in ready.values_list("file_key", flat=True):
        transaction.on_commit(partial(store.delete, key))
    ready.update(state=DataCopy.State.GONE, file_key="")


@action(event="data.copy_failed")
def give_up_copy(*, by: Actor, copy: DataCopy, fault: DataCopy.Fault) -> None:
    """Notes that a copy will not be made. Its page says so, why, and offers another try."""
    about(patient_id=copy.patient_id, target=("data_copy", str(copy.id)), reason=fault.value)
    DataCopy.objects.filter(id=copy.id, state__in=UNMADE).update(state=DataCopy.State.FAILED, fault=fault)


@action(event="data.copy_made")
def keep_copy(*, by: Actor, copy: DataCopy, file_key: str, size: int, items: int) -> bool:
    """The file is there. False where another worker was faster, or the person gave up their data meanwhile."""
    kept = DataCopy.objects.filter(id=copy.id, state__in=UNMADE).update(
        state=DataCopy.State.READY, file_key=file_key, size=size, items=items, ready_at=now()
    )
    about(patient_id=copy.patient_id, target=("data_copy", str(copy.id)), count=items)
    return bool(kept)


@action(event="data.copy_fetched")
def hand_out_copy(*, by: Actor, copy_id: UUID, patient_id: UUID | None, items: int) -> None:
    """Spends the copy: of many requests that come at once, one gets it. Raises CopyIsGone for the others."""
    about(patient_id=patient_id, target=("data_copy", str(copy_id)), count=items)
    fetched = DataCopy.objects.filter(id=copy_id, state=DataCopy.State.READY, fetched_at=None)
    if not fetched.update(state=DataCopy.State.FETCHED, fetched_at=now(), file_key=""):
        raise CopyIsGone


@action(event="data.request_made")
def make_request(*, by: Actor, user_id: UUID, patient: PatientRef, kind: DataRequest.Kind, words: str) -> UUID:
    """A patient asks for something to be corrected, or to be erased. Raises AlreadyAsked for a second erasure."""
    try:
        with transaction.atomic():
            made = DataRequest.objects.create(user_id=user_id, patient_id=patient.id, kind=kind, words=words)
    except IntegrityError as error:
        raise AlreadyAsked from error
    about(target=("data_request", str(made.id)), reason=kind.value)
    return made.id


@action(event="data.request_withdrawn")
def withdraw_request(*, by: Actor, request_id: UUID, patient: PatientRef) -> None:
    """Raises AlreadyAnswered."""
    about(target=("data_request", str(request_id)))
    _close(request_id, DataRequest.State.WITHDRAWN)


@action(event="data.request_answered")
def answer_request(*, by: Actor, request_id: UUID, patient_id: UUID, done: bool, answer: str) -> None:
    """The hospital has done what was asked outside of here, or says why not. Raises AlreadyAnswered."""
    state = DataRequest.State.DONE if done else DataRequest.State.REFUSED
    about(target=("data_request", str(request_id)), reason=state.value)
    _close(request_id, state, answer=answer, answered_by=by.id)


def _close(request_id: UUID, state: DataRequest.State, **more: object) -> None:
    still_open = DataRequest.objects.filter(id=request_id, state=DataRequest.State.OPEN)
    if not still_open.update(state=state, answered_at=now(), **more):
        raise AlreadyAnswered

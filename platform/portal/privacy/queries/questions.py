"""Questions about looks: a patient's own, and all of a hospital's for the officer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from foundation.audit import Actor, record
from foundation.audit.queries import Entry, event
from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.access.queries import patient_for
from portal.privacy.models import Question
from portal.privacy.queries.names import ids_of, names_of

MOST = 100
_COLUMNS = ("id", "patient_id", "event_id", "text", "asked_at", "answer", "answered_at", "patient__name",
            "answered_by__name")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """A question with its answer, if there is one."""

    id: UUID
    patient_id: UUID
    event_id: int | None
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    patient: str
    answered_by: str | None

    @property
    def open(self) -> bool:
        return self.answered_at is None


def own_questions(viewer: Viewer) -> list[Asking]:
    """All that was asked about the viewer's record, newest first."""
    patient = patient_for(viewer)
    found = Question.objects.filter(patient_id=patient.id).order_by("-asked_at").values_list(*_COLUMNS)
    return [Asking(*row) for row in found[:MOST]]


def own_question(viewer: Viewer, question_id: UUID) -> tuple[Asking, Entry | None]:
    """A question about the viewer's record, and the event it is about. Raises NotFound."""
    patient = patient_for(viewer)
    record("question.viewed", by=viewer.actor, patient_id=patient.id, target=("question", str(question_id)))
    row = Question.objects.filter(patient_id=patient.id, pk=question_id).values_list(*_COLUMNS).first()
    if row is None:
        raise NotFound
    asking = Asking(*row)
    about = event(asking.event_id, patient_ids=ids_of(patient.id)) if asking.event_id else None
    return asking, about


def questions(*, answered: bool) -> list[Asking]:
    """The officer's queue: those without an answer, the oldest first; or those with one, the newest first."""
    found = Question.objects.filter(answered_at__isnull=not answered)
    ordered = found.order_by(F("answered_at").desc() if answered else F("asked_at").asc(), "id")
    return [Asking(*row) for row in ordered.values_list(*_COLUMNS)[:MOST]]


def question(by: Actor, question_id: UUID) -> tuple[Asking, Entry | None, Mapping[UUID, str]]:
    """One of the hospital's questions, the event it is about, and names. Raises NotFound."""
    row = Question.objects.filter(pk=question_id).values_list(*_COLUMNS).first()
    if row is None:
        raise NotFound
    asking = Asking(*row)
    record("question.viewed", by=by, patient_id=asking.patient_id, target=("question", str(asking.id)))
    about = event(asking.event_id) if asking.event_id else None
    return asking, about, names_of([about.patient_id, about.on_behalf_of] if about else [])


def open_questions() -> int:
    return Question.objects.filter(answered_at=None).count()

"""Writes: questions and answers, flags, disclosures written down, reviews of unusual looks, exports."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.audit.queries import Search, as_it_stands, count, event
from foundation.clock import now
from foundation.errors import Conflict, NotFound, TooMany
from foundation.permissions import PatientRef
from portal.access.models import Patient
from portal.privacy.models import Disclosure, Finding, Flag, Question
from portal.privacy.queries.findings import of_pair
from portal.privacy.queries.names import ids_of
from portal.privacy.queries.review import used, with_joined

MOST_WAITING = 20


@action(event="question.asked")
def ask(*, by: Actor, patient: PatientRef, text: str, event_id: int | None = None) -> UUID:
    """A patient asks about an event, or about the whole list. The question's id.

    Raises NotFound for an event of somebody else's record, TooMany where many questions wait for an answer.
    """
    if event_id is not None and event(event_id, patient_ids=ids_of(patient.id)) is None:
        raise NotFound
    if Question.objects.filter(patient_id=patient.id, answered_at=None).count() >= MOST_WAITING:
        raise TooMany(_("Many of your questions wait for an answer. Wait for those first, or call the hospital."))
    made = Question.objects.create(patient_id=patient.id, asked_by_id=UUID(str(by.id)), event_id=event_id, text=text)
    about(target=("question", str(made.id)))
    return made.id


@action(event="question.answered")
def answer(*, by: Actor, question_id: UUID, text: str) -> None:
    """Raises NotFound, and Conflict where somebody else has answered."""
    question = Question.objects.select_for_update().filter(pk=question_id).first()
    if question is None:
        raise NotFound
    about(patient_id=question.patient_id, target=("question", str(question.id)))
    if question.answered_at is not None:
        raise Conflict(_("Somebody else has answered this question."))
    question.answer, question.answered_by_id, question.answered_at = text, by.id, now()
    question.save(update_fields=["answer", "answered_by", "answered_at"])


@action(event="flag.set")
def set_flag(*, by: Actor, patient_id: UUID, reason: str) -> None:
    """From now on each look by staff at this record is reported. Raises Conflict where there is a flag."""
    patient = Patient.objects.select_for_update().filter(pk=patient_id, merged_into=None).first()
    if patient is None:
        raise NotFound
    if Flag.objects.filter(patient=patient, ended_at=None).exists():
        raise Conflict(_("This record has a flag already."))
    made = Flag.objects.create(patient=patient, reason=reason, set_by_id=by.id)
    about(target=("flag", str(made.id)))


@action(event="flag.ended")
def end_flag(*, by: Actor, patient_id: UUID) -> None:
    """Raises NotFound where there is none."""
    ended = Flag.objects.filter(patient_id=patient_id, ended_at=None).update(ended_at=now(), ended_by_id=by.id)
    if not ended:
        raise NotFound


@action(event="disclosure.noted")
def note_disclosure(
    *, by: Actor, patient_id: UUID, made_on: date, recipient: str, what: str, purpose: str,
    recipient_address: str = "", why: str = "",
) -> None:  # fmt: skip
    """Writes down what was given out by another way than the portal."""
    if not Patient.objects.filter(pk=patient_id, merged_into=None).exists():
        raise NotFound
    made = Disclosure.objects.create(
        patient_id=patient_id, made_on=made_on, recipient=recipient, recipient_address=recipient_address, what=what,
        purpose=Disclosure.Purpose(purpose), why=why, noted_by_id=by.id,
    )  # fmt: skip
    about(target=("disclosure", str(made.id)))


@action(event="unusual.reviewed")
def review(*, by: Actor, finding_id: UUID, state: str, note: str) -> int:
    """Says what came of a finding, and of the open ones of the same person and patient. How many there were."""
    chosen = Finding.State(state)
    finding = Finding.objects.filter(pk=finding_id).first()
    if finding is None:
        raise NotFound
    alike = of_pair(finding)
    alike = alike.filter(state=Finding.State.OPEN) | Finding.objects.filter(pk=finding.pk)
    changed = alike.update(state=chosen, note=note, reviewed_by_id=by.id, reviewed_at=now())
    about(patient_id=finding.patient_id, target=("finding", str(finding.id)), reason=chosen, count=changed)
    return changed


@action(event="audit.exported")
def begin_export(*, by: Actor, search: Search, form: str) -> tuple[Search, int]:
    """Fixes what a file will hold, and notes how many events: the search as it stands, and their number."""
    fixed = as_it_stands(with_joined(search))
    found = count(fixed)
    patient_id = search.patient_ids[0] if search.patient_ids else None
    about(patient_id=patient_id, target=("search", used(search)), reason=form, count=found)
    return fixed, found

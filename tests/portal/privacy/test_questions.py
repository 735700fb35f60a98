"""A patient asks about a look, the privacy officer answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.errors import Conflict, NotFound, TooMany
from foundation.tenancy import HospitalRecord, inside
from portal.access.queries import viewer_of_person
from portal.privacy import actions
from portal.privacy.models import Question
from tests.portal.privacy.conftest import People, Ward, actor_of, make_patient


def number_of_the_look(ward: Ward) -> int:
    with inside(ward.hospital):
        return AuditEvent.objects.filter(patient_id=ward.patient.pk, actor_id=ward.chen.pk).latest("id").id


def ask(ward: Ward, text: str = "Why did she look?") -> Question:
    ward.look()
    answer = ward.her.post(f"/account/looks/{number_of_the_look(ward)}/", {"text": text})
    assert answer.status_code == 302, answer.text
    with inside(ward.hospital):
        return Question.objects.latest("asked_at")


def test_a_question_goes_to_the_officer_and_the_answer_comes_back(ward: Ward) -> None:
    asked = ask(ward, "Why did Dr. Chen open my result?")
    assert asked.event_id == number_of_the_look(ward)
    queue = ward.officer.get("/privacy/questions/").text
    assert f"/privacy/questions/{asked.pk}/" in queue
    page = ward.officer.get(f"/privacy/questions/{asked.pk}/").text
    assert "Why did Dr. Chen open my result?" in page
    assert "Dr. Lin Chen" in page
    assert (
        ward.officer.post(f"/privacy/questions/{asked.pk}/", {"text": "She treated you on Friday."}).status_code == 302
    )
    assert f"/privacy/questions/{asked.pk}/" not in ward.officer.get("/privacy/questions/").text
    assert f"/privacy/questions/{asked.pk}/" in ward.officer.get("/privacy/questions/?of=answered").text
    hers = ward.her.get(f"/account/looks/questions/{asked.pk}/").text
    assert "She treated you on Friday." in hers
    assert "Priya Nair" in hers
    assert "Answered" in ward.her.get("/account/looks/").text


def test_each_step_is_in_the_record_with_the_patient(ward: Ward) -> None:
    asked = ask(ward)
    ward.officer.get(f"/privacy/questions/{asked.pk}/")
    ward.officer.post(f"/privacy/questions/{asked.pk}/", {"text": "Yes."})
    with inside(ward.hospital):
        kinds = list(
            AuditEvent.objects.filter(patient_id=ward.patient.pk, kind__startswith="question.")
            .order_by("id").values_list("kind", "actor_id", "outcome")
        )  # fmt: skip
    asked_by, officer = ward.alice.pk, ward.priya.pk
    assert kinds[0] == ("question.asked", asked_by, "success")
    assert ("question.viewed", officer, "success") in kinds
    assert kinds.count(("question.answered", officer, "success")) == 1


def test_a_question_without_an_event_is_about_the_whole_list(ward: Ward) -> None:
    assert ward.her.post("/account/looks/ask/", {"text": "Who are all these people?"}).status_code == 302
    with inside(ward.hospital):
        assert Question.objects.get().event_id is None


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_question_and_a_very_long_one_are_sent_back(ward: Ward, text: str) -> None:
    answer = ward.her.post("/account/looks/ask/", {"text": text})
    assert answer.status_code == 200
    assert "There is a problem" in answer.text


@pytest.mark.security("S20")
def test_nobody_asks_about_or_reads_what_is_another_patient_s(
    ward: Ward, person: People, client_for: Callable[..., Client]
) -> None:
    asked = ask(ward)
    other = make_patient(ward.hospital, "p2", "Frank Hill")
    frank = person(ward.hospital, "frank", patient=other)
    browser = client_for(ward.hospital, frank)
    assert browser.get(f"/account/looks/questions/{asked.pk}/").status_code == 404
    assert browser.post(f"/account/looks/{asked.event_id}/", {"text": "?"}).status_code == 404
    with inside(ward.hospital):
        viewer = viewer_of_person(frank, verified=True)
        assert viewer.patient is not None
        with pytest.raises(NotFound):
            actions.ask(by=viewer.actor, patient=viewer.patient, text="?", event_id=asked.event_id)
        assert Question.objects.count() == 1


def test_an_answer_is_given_once(ward: Ward) -> None:
    asked = ask(ward)
    with inside(ward.hospital):
        actions.answer(by=actor_of(ward.priya), question_id=asked.pk, text="One")
        with pytest.raises(Conflict):
            actions.answer(by=actor_of(ward.priya), question_id=asked.pk, text="Two")
        asked.refresh_from_db()
    assert asked.answer == "One"


def test_a_patient_does_not_fill_the_queue(ward: Ward) -> None:
    with inside(ward.hospital):
        viewer = viewer_of_person(ward.alice, verified=True)
        assert viewer.patient is not None
        for _time in range(actions.MOST_WAITING):
            actions.ask(by=viewer.actor, patient=viewer.patient, text="?")
        with pytest.raises(TooMany):
            actions.ask(by=viewer.actor, patient=viewer.patient, text="?")


@pytest.mark.security("S22")
@pytest.mark.parametrize("role", ["patient", "clinician", "admin"])
def test_the_queue_is_the_officer_s_alone(
    mercy: HospitalRecord, role: str, person: People, client_for: Callable[..., Client], ward: Ward
) -> None:
    asked = ask(ward)
    browser = client_for(mercy, person(mercy, "somebody", role=role))
    for path in ("/privacy/questions/", f"/privacy/questions/{asked.pk}/"):
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"text": "x"}).status_code == 403


@pytest.mark.security("S31")
def test_an_officer_without_the_second_step_sees_nothing(ward: Ward, client_for: Callable[..., Client]) -> None:
    answer = client_for(ward.hospital, ward.priya, verified=False).get("/privacy/questions/")
    assert answer.status_code == 302

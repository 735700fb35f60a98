"""Asking for a correction or an end, and the queue in which it is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from foundation import clock
from foundation.audit.models import AuditEvent
from foundation.tenancy import inside
from portal.accounts import signin
from portal.accounts.models import User
from portal.personal.models import ANSWER_WITHIN, DataRequest
from tests.portal.personal.conftest import Chart

WRONG = "The list of medicines has one that I never took."


def ask_to_erase(chart: Chart, words: str = "") -> UUID:
    response = chart.client.post("/my-data/erase/", {"words": words})
    assert response.status_code == 302, response.status_code
    return UUID(response["Location"].rstrip("/").rsplit("/", 1)[-1])


def ask_to_correct(chart: Chart, words: str = WRONG) -> UUID:
    response = chart.client.post("/my-data/correct/", {"words": words})
    assert response.status_code == 302, response.status_code
    return UUID(response["Location"].rstrip("/").rsplit("/", 1)[-1])


def test_a_request_is_tracked_with_its_day_of_answer(alice: Chart) -> None:
    made = ask_to_correct(alice)
    with inside(alice.hospital):
        asked = DataRequest.objects.get()
        assert (asked.kind, asked.state, asked.user_id, asked.patient_id) == (
            "correct", "open", alice.user.id, alice.patient.id,
        )  # fmt: skip
        assert abs(asked.due_at - asked.asked_at - ANSWER_WITHIN) < timedelta(seconds=5)
    assert WRONG in alice.page(f"/my-data/requests/{made}/")
    assert "Waiting for an answer" in alice.page("/my-data/")


def test_a_correction_without_words_is_not_sent(alice: Chart) -> None:
    response = alice.client.post("/my-data/correct/", {"words": " "})
    assert "Write what is wrong." in response.content.decode()
    with inside(alice.hospital):
        assert not DataRequest.objects.exists()


def test_an_erasure_needs_no_words_and_is_asked_once(alice: Chart) -> None:
    ask_to_erase(alice)
    assert alice.client.post("/my-data/erase/", {}).status_code == 409
    with inside(alice.hospital):
        assert DataRequest.objects.count() == 1


def test_a_request_can_be_taken_back_and_asked_again(alice: Chart) -> None:
    made = ask_to_erase(alice)
    assert alice.client.post(f"/my-data/requests/{made}/").status_code == 302
    assert "Taken back" in alice.page(f"/my-data/requests/{made}/")
    assert alice.client.post(f"/my-data/requests/{made}/").status_code == 409
    ask_to_erase(alice)


def test_an_answer_reaches_the_patient(alice: Chart, ada: User, client_for: Callable[..., Client]) -> None:
    made = ask_to_correct(alice)
    desk = client_for(alice.hospital, ada)
    assert WRONG in desk.get(f"/data-requests/{made}/").content.decode()
    answered = desk.post(f"/data-requests/{made}/", {"outcome": "done", "answer": "We took it off the list."})
    assert answered.status_code == 302
    assert "We took it off the list." in alice.page(f"/my-data/requests/{made}/")
    assert desk.post(f"/data-requests/{made}/", {"outcome": "done", "answer": "Twice."}).status_code == 409
    assert "Something is wrong" in desk.get("/data-requests/?show=answered").content.decode()


def test_an_erasure_can_be_refused_with_a_reason_only(
    alice: Chart, ada: User, client_for: Callable[..., Client]
) -> None:
    made = ask_to_erase(alice)
    desk = client_for(alice.hospital, ada)
    assert "Write an answer." in desk.post(f"/data-requests/{made}/", {"answer": ""}).content.decode()
    desk.post(f"/data-requests/{made}/", {"answer": "We have to keep it until 2031."})
    shown = alice.page(f"/my-data/requests/{made}/")
    assert "Not done" in shown
    assert "until 2031" in shown


def test_what_is_due_first_stands_on_top_and_what_is_late_says_so(
    alice: Chart, ada: User, client_for: Callable[..., Client]
) -> None:
    ask_to_correct(alice)
    late = ask_to_erase(alice)
    with inside(alice.hospital):
        DataRequest.objects.filter(id=late).update(due_at=clock.now() - timedelta(days=1))
    page = client_for(alice.hospital, ada).get("/data-requests/").content.decode()
    assert page.index("Erase my data") < page.index("Something is wrong")
    assert "Was due on" in page


@pytest.mark.security("S50")
def test_each_look_at_the_queue_names_the_patients_in_it(
    alice: Chart, ada: User, client_for: Callable[..., Client]
) -> None:
    made = ask_to_erase(alice)
    desk = client_for(alice.hospital, ada)
    desk.get("/data-requests/")
    desk.get(f"/data-requests/{made}/")
    with inside(alice.hospital):
        kinds = list(
            AuditEvent.objects.filter(actor_id=ada.id, patient_id=alice.patient.id).values_list("kind", flat=True)
        )
    assert "data.request_listed" in kinds
    assert "data.request_read" in kinds


@pytest.mark.security("S55")
def test_what_a_patient_writes_stands_in_no_event(alice: Chart) -> None:
    ask_to_correct(alice, "CANARY-WORDS in my chart")
    with inside(alice.hospital):
        events = [str(vars(event)) for event in AuditEvent.objects.all()]
    assert not [event for event in events if "CANARY-WORDS" in event]


TABLE = [
    # method, path, patient, clinician, admin, privacy officer
    ("GET", "/my-data/", 200, 200, 200, 200),
    ("GET", "/my-data/correct/", 200, 403, 403, 403),
    ("GET", "/my-data/erase/", 200, 403, 403, 403),
    ("POST", "/my-data/erase/", 302, 403, 403, 403),
    ("GET", "/my-data/requests/{request}/", 200, 403, 403, 403),
    ("GET", "/data-requests/", 403, 403, 200, 200),
    ("GET", "/data-requests/{request}/", 403, 403, 200, 200),
    ("GET", "/data-requests/{request}/erasure/", 403, 403, 200, 200),
    ("POST", "/data-requests/{request}/", 403, 403, 200, 200),
    ("GET", "/data-requests/{request}/erasure/carry-out/", 403, 403, 405, 405),
]


@pytest.mark.security("S21")
@pytest.mark.parametrize(("method", "path", "patient", "clinician", "admin", "officer"), TABLE)
def test_who_may_open_what(
    alice: Chart, person: Callable[..., User], client_for: Callable[..., Client],
    method: str, path: str, patient: int, clinician: int, admin: int, officer: int,
) -> None:  # fmt: skip
    with inside(alice.hospital):
        made = DataRequest.objects.create(
            kind="erase" if "{request}" in path else "correct", user=alice.user, patient_id=alice.patient.id
        )
    address = path.format(request=made.id)
    people = {
        "clinician": (clinician, person(alice.hospital, "chen", role="clinician")),
        "admin": (admin, person(alice.hospital, "ada", role="admin")),
        "privacy_officer": (officer, person(alice.hospital, "priya", role="privacy_officer")),
    }
    for expected, someone in people.values():
        browser = client_for(alice.hospital, someone)
        assert browser.generic(method, address).status_code == expected, someone.username
    assert alice.client.generic(method, address).status_code == patient
    assert client_for(alice.hospital).generic(method, address).status_code in {302, 405}


@pytest.mark.security("S16")
def test_a_request_of_somebody_else_is_not_found(
    alice: Chart, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    """Not even where both may open the record: who asked what is theirs."""
    made = ask_to_erase(alice)
    other = client_for(alice.hospital, person(alice.hospital, "ben", patient=alice.patient))
    for path in (f"/my-data/requests/{made}/", "/my-data/requests/018f0000-0000-7000-8000-000000000000/"):
        assert other.get(path).status_code == 404
        assert other.post(path).status_code == 404


def test_an_actor_of_another_hospital_answers_nothing(
    alice: Chart, riverside: object, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    made = ask_to_erase(alice)
    desk = client_for(riverside, person(riverside, "ada", role="admin"))
    for path in (f"/data-requests/{made}/", f"/data-requests/{made}/erasure/"):
        assert desk.get(path).status_code == 404
    assert desk.post(f"/data-requests/{made}/erasure/carry-out/").status_code == 404
    assert "Nobody waits for an answer" in desk.get("/data-requests/").content.decode()
    with inside(alice.hospital):
        assert DataRequest.objects.get().state == "open"


def test_carrying_out_asks_for_the_second_step_again(
    alice: Chart, ada: User, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ask_to_erase(alice)
    desk = client_for(alice.hospital, ada)
    later = clock.now() + signin.PROOF_FRESH_FOR
    monkeypatch.setattr(signin, "now", lambda: later)
    assert "Erase now" not in desk.get(f"/data-requests/{made}/erasure/").content.decode()
    answer = desk.post(f"/data-requests/{made}/erasure/carry-out/")
    assert answer["Location"].startswith("/account/confirm/")
    with inside(alice.hospital):
        assert DataRequest.objects.get().state == "open"

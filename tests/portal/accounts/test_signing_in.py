"""The whole way in, by plain HTTP: password, code, home; and what each stage opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import Session
from tests.people import PASSWORD
from tests.portal.accounts.codes import NOON, code_at, csrf_of, key_of

type ClientFor = Callable[..., Client]
type MakePerson = Callable[..., Any]


def test_a_patient_signs_in_with_password_and_code(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice")
    browser = client_for(mercy)
    with time_machine.travel(NOON, tick=False):
        answer = browser.post("/sign-in/", {"username": "Alice", "password": PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")
        assert browser.get("/account/").status_code == 302
        answer = browser.post("/sign-in/code/", {"code": code_at(NOON)})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        page = browser.get("/account/")
    assert page.status_code == 200
    assert b"alice" in page.content
    with inside(mercy):
        kinds = list(
            AuditEvent.objects.filter(kind__startswith="sign_in").order_by("id").values_list("kind", flat=True)
        )
    assert kinds == ["sign_in.password", "sign_in.succeeded"]


def test_plain_http_signs_in_with_the_token_of_the_page(mercy: HospitalRecord, person: MakePerson) -> None:
    person(mercy, "alice")
    browser = Client(SERVER_NAME=mercy.host, enforce_csrf_checks=True)
    with time_machine.travel(NOON, tick=False):
        assert browser.post("/sign-in/", {"username": "alice", "password": PASSWORD}).status_code == 403
        token = csrf_of(browser.get("/sign-in/"))
        answer = browser.post(
            "/sign-in/", {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token}, follow=True
        )
        answer = browser.post("/sign-in/code/", {"code": code_at(NOON), "csrfmiddlewaretoken": csrf_of(answer)})
        assert answer["Location"] == "/"
        assert browser.get("/account/").status_code == 200


def test_an_email_address_signs_in_where_one_person_alone_has_it(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice", email="Family@example.org")
    browser = client_for(mercy)
    answer = browser.post("/sign-in/", {"username": "family@example.org", "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code/"
    person(mercy, "ben", email="family@example.org")
    answer = client_for(mercy).post("/sign-in/", {"username": "family@example.org", "password": PASSWORD})
    assert answer.status_code == 200


def test_where_one_was_going_is_kept_if_it_is_on_this_host(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice")
    ways = (("/account/language/", "/account/language/"), ("https://evil.example/", "/"), ("//evil", "/"))
    for later, (target, arrives) in enumerate(ways):
        browser = client_for(mercy)
        answer = browser.get("/sign-in/", {"next": target})
        assert (f'value="{target}"'.encode() in answer.content) is (arrives != "/")
        moment = NOON.replace(minute=later)  # each code works once
        with time_machine.travel(moment, tick=False):
            browser.post("/sign-in/", {"username": "alice", "password": PASSWORD, "next": target})
            assert browser.post("/sign-in/code/", {"code": code_at(moment)})["Location"] == arrives


@pytest.mark.security("S40")
def test_the_session_id_changes_at_the_password_and_at_the_code(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice")
    browser = client_for(mercy)
    browser.cookies["portico_session"] = "a" * 32
    with time_machine.travel(NOON, tick=False):
        browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
        held = browser.cookies["portico_session"].value
        browser.post("/sign-in/code/", {"code": code_at(NOON)})
    proved = browser.cookies["portico_session"].value
    assert len({"a" * 32, held, proved}) == 3
    for old in ("a" * 32, held):
        thief = client_for(mercy)
        thief.cookies["portico_session"] = old
        assert thief.get("/account/")["Location"].startswith("/sign-in/")


@pytest.mark.security("S31")
@pytest.mark.parametrize("role", ["patient", "clinician", "admin"])
def test_without_a_second_step_a_session_opens_set_up_sign_out_and_help_alone(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson, role: str
) -> None:
    person(mercy, "alice", role=role, totp_secret=None)
    browser = client_for(mercy)
    answer = browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    assert answer["Location"] == "/set-up/"
    for closed in ("/account/", "/account/language/", "/account/password/", "/set-up/recovery-codes/", "/staff/"):
        assert browser.get(closed)["Location"] == "/set-up/", closed
    for opens in ("/set-up/", "/sign-out/", "/sign-in/help/"):
        assert browser.get(opens).status_code == 200, opens


def test_the_first_sign_in_leads_through_set_up_to_the_recovery_codes_and_home(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice", totp_secret=None)
    browser = client_for(mercy)
    with time_machine.travel(NOON, tick=False):
        browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
        page = browser.get("/set-up/")
        key = key_of(page)
        assert b"data:image/svg+xml" in page.content
        wrong = browser.post("/set-up/", {"code": code_at(NOON.replace(hour=3), key)})
        assert wrong.status_code == 200
        assert key_of(wrong) == key
        before = browser.cookies["portico_session"].value
        answer = browser.post("/set-up/", {"code": code_at(NOON, key)})
        assert answer["Location"] == "/set-up/recovery-codes/"
        assert browser.cookies["portico_session"].value != before
        page = browser.get("/set-up/recovery-codes/")
        assert page.content.count(b'class="code"') == 10
        file = browser.get("/set-up/recovery-codes/download/")
        assert file["Content-Disposition"].startswith("attachment")
        assert browser.post("/set-up/recovery-codes/")["Location"] == "/"
        assert browser.get("/set-up/recovery-codes/")["Location"] == "/"
        assert browser.get("/account/").status_code == 200


def test_signing_out_takes_a_button_and_ends_the_session_on_the_server(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    browser = client_for(mercy, person(mercy, "alice"))
    key = browser.cookies["portico_session"].value
    assert b"<form" in browser.get("/sign-out/").content
    assert browser.get("/account/").status_code == 200
    answer = browser.post("/sign-out/")
    assert answer["Location"] == "/signed-out/"
    assert '"cache"' in answer["Clear-Site-Data"]
    thief = client_for(mercy)
    thief.cookies["portico_session"] = key
    assert thief.get("/account/").status_code == 302
    with inside(mercy):
        assert Session.objects.count() == 0
        assert AuditEvent.objects.filter(kind="sign_out").count() == 1


def test_staff_start_at_their_own_page_and_patients_do_not_open_it(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    clinician = person(mercy, "chen", role="clinician", name="Dr. Chen")
    browser = client_for(mercy, clinician)
    assert browser.get("/sign-in/")["Location"] == "/staff/"
    assert b"Dr. Chen" in browser.get("/staff/").content
    assert client_for(mercy, person(mercy, "alice")).get("/staff/").status_code == 403


def test_the_vendors_people_sign_in_on_the_public_host(
    client_for: ClientFor, person: MakePerson, database: None
) -> None:
    person(None, "victor", role="operator")
    browser = client_for(None)
    with time_machine.travel(NOON, tick=False):
        browser.post("/sign-in/", {"username": "victor", "password": PASSWORD})
        assert browser.post("/sign-in/code/", {"code": code_at(NOON)})["Location"] == "/"
        assert browser.get("/account/").status_code == 200


@pytest.mark.security("S55")
def test_each_failure_leaves_an_event_without_what_was_typed(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    alice = person(mercy, "alice")
    browser = client_for(mercy, REMOTE_ADDR="203.0.113.5")
    browser.post("/sign-in/", {"username": "alice", "password": "guess"})
    browser.post("/sign-in/", {"username": "my secret, typed into the wrong field", "password": "x"})
    browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    browser.post("/sign-in/code/", {"code": "000000"})
    with inside(mercy):
        events = list(AuditEvent.objects.filter(kind="sign_in.failed").order_by("id"))
    assert [(e.outcome, e.reason, e.target_id) for e in events] == [
        ("refused", "password", str(alice.pk)),
        ("refused", "password", ""),
        ("refused", "code", str(alice.pk)),
    ]
    assert {e.address for e in events} == {"203.0.113.5"}
    assert not any("secret" in str(vars(e)) for e in events)

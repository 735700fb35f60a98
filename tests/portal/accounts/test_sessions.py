"""How long a session lasts, where it opens, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from portal.access.actions import register_patient
from portal.accounts import signin
from portal.accounts.actions import deactivate_person, end_sessions, reset_factors
from portal.accounts.models import Session
from portal.accounts.sessions import SessionStore, forget_ended_sessions
from tests.portal.accounts.codes import NOON

type ClientFor = Callable[..., Client]
type MakePerson = Callable[..., Any]
BY = Actor.command("tests")
COOKIE = "portico_session"


def is_in(browser: Client, **headers: str) -> bool:
    return browser.get("/account/", headers=headers).status_code == 200


@pytest.mark.security("S38")
@pytest.mark.parametrize(("role", "minutes"), [("patient", 30), ("clinician", 15), ("admin", 15)])
def test_an_idle_session_ends_on_the_server(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson, role: str, minutes: int
) -> None:
    user = person(mercy, "alice", role=role)
    with time_machine.travel(NOON, tick=False) as clock:
        browser = client_for(mercy, user)
        clock.shift(timedelta(minutes=minutes) - timedelta(seconds=1))
        assert is_in(browser)
        clock.shift(timedelta(minutes=minutes))
        answer = browser.get("/account/")
    assert answer["Location"] == "/sign-in/?next=%2Faccount%2F&ended=yes"
    assert b"We signed you out" in browser.get(answer["Location"]).content
    assert '"cache"' in answer["Clear-Site-Data"]
    assert browser.cookies[COOKIE].value == ""
    with inside(mercy):
        assert not Session.objects.exists()


@pytest.mark.security("S38")
def test_no_session_outlives_twelve_hours_however_busy(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    with time_machine.travel(NOON, tick=False) as clock:
        browser = client_for(mercy, user)
        for _ in range(35):
            clock.shift(timedelta(minutes=20))
            assert is_in(browser)
        clock.shift(timedelta(minutes=20))
        assert not is_in(browser)


@pytest.mark.security("S38")
def test_a_request_in_the_background_keeps_nobody_signed_in(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    with time_machine.travel(NOON, tick=False) as clock:
        browser = client_for(mercy, user)
        for _ in range(29):
            clock.shift(timedelta(minutes=1))
            assert is_in(browser, **{"X-Portico-Background": "1"})
        clock.shift(timedelta(minutes=1))
        assert not is_in(browser)


def test_being_seen_is_written_once_a_minute_at_most(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    with time_machine.travel(NOON, tick=False) as clock:
        browser = client_for(mercy, user)
        writes = []
        for _ in range(4):
            clock.shift(timedelta(seconds=30))
            with CaptureQueriesContext(
                connection,
            ) as seen:
                is_in(browser)
            writes.append(sum('UPDATE "accounts_session"' in q["sql"] for q in seen.captured_queries))
    assert writes == [0, 1, 0, 1]


def test_a_signed_in_page_asks_for_session_and_person_in_one_statement_and_for_the_grant_in_another(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    with inside(mercy):
        patient = register_patient(by=BY, fhir_id="p1", name="Alice")
    browser = client_for(mercy, person(mercy, "alice", patient=patient))
    is_in(browser)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get("/account/language/").status_code == 200
    reads = [q["sql"] for q in seen.captured_queries if "set_config" not in q["sql"]]
    assert len(reads) <= 2, reads


def test_pages_before_sign_in_make_no_session(mercy: HospitalRecord, client_for: ClientFor) -> None:
    browser = client_for(mercy)
    for path in ("/sign-in/", "/sign-in/help/", "/password/forgotten/", "/account/"):
        browser.get(path)
    assert COOKIE not in browser.cookies
    with inside(mercy):
        assert not Session.objects.exists()


@pytest.mark.security("S2", "P15")
def test_a_session_row_copied_to_another_hospital_opens_nothing_there(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    """The same primary keys, password hash, session row and cookie at both: only the schema differs."""
    user = person(riverside, "eve")
    browser = client_for(riverside, user)
    key = browser.cookies[COOKIE].value
    with inside(riverside):
        row = Session.objects.get()
    with inside(mercy):
        user.save(force_insert=True)
        row.save(force_insert=True)
    thief = client_for(mercy)
    thief.cookies[COOKIE] = key
    assert thief.get("/account/")["Location"].startswith("/sign-in/")
    with inside(mercy):  # even where the digest is made to fit, the session does not answer to the person
        Session.objects.filter(pk=row.pk).delete()
        forged = SessionStore()
        forged.update(row.data)
        forged.save()
    thief.cookies[COOKIE] = forged.session_key or ""
    assert thief.get("/account/")["Location"].startswith("/sign-in/")
    assert is_in(browser)


@pytest.mark.security("S39")
def test_a_session_that_is_ended_is_over_with_the_next_request(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    phone, desk = client_for(mercy, user), client_for(mercy, user)
    with inside(mercy):
        kept = SessionStore(desk.cookies[COOKIE].value)
        assert kept.person == user
        assert end_sessions(by=BY, user=user, except_for=kept.row) == 1
    assert (is_in(phone), is_in(desk)) == (False, True)


def test_taking_the_factors_away_ends_every_session_and_voids_each_proof(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    browser = client_for(mercy, user)
    with inside(mercy):
        old = SessionStore(browser.cookies[COOKIE].value)
        assert signin.is_proved(old, user)
        reset_factors(by=BY, user=user)
        user.refresh_from_db()
        assert not signin.is_proved(old, user)
    assert not is_in(browser)


def test_a_deactivated_person_is_out_at_once(mercy: HospitalRecord, client_for: ClientFor, person: MakePerson) -> None:
    user = person(mercy, "alice")
    browser = client_for(mercy, user)
    with inside(mercy):
        deactivate_person(by=BY, user=user)
    assert not is_in(browser)
    again = client_for(mercy, user)
    assert not is_in(again)


def test_ended_sessions_are_forgotten_and_others_kept(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    rows = []
    for minutes, hours in ((1, 0), (31, 0), (1, 13)):
        at = NOON - timedelta(minutes=minutes)
        began = NOON - timedelta(hours=hours, minutes=minutes)
        rows.append(
            Session.objects.create(
                digest=f"{minutes}-{hours}", user=user, idle_seconds=1800, last_seen_at=at, created_at=began
            )
        )
    with time_machine.travel(NOON, tick=False):
        assert forget_ended_sessions() == 2
    assert list(Session.objects.all()) == [rows[0]]


@pytest.mark.security("S47")
def test_cookies_are_for_this_host_alone(mercy: HospitalRecord, client_for: ClientFor, person: MakePerson) -> None:
    person(mercy, "alice")
    browser = client_for(mercy)
    browser.get("/sign-in/")
    browser.post("/sign-in/", {"username": "alice", "password": "correct horse battery"})
    assert {COOKIE, "portico_csrf"} <= set(browser.cookies)
    for cookie in browser.cookies.values():
        assert (cookie["domain"], cookie["path"], cookie["samesite"], cookie["httponly"]) == ("", "/", "Lax", True)

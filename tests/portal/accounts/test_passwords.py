"""Forgotten passwords, links that open once, what a password must be, and guesses that are slowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.errors import NotFound
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.actions import change_password, choose_password, issue_link
from portal.accounts.models import OneTimeLink, Session, User
from portal.accounts.queries import open_link
from tests.people import PASSWORD
from tests.portal.accounts.codes import NOON, code_at

type ClientFor = Callable[..., Client]
type MakePerson = Callable[..., Any]
BY = Actor.command("tests")
NEW = "violet umbrella seven"
RESET, WELCOME = OneTimeLink.Purpose.RESET, OneTimeLink.Purpose.WELCOME


def mailed_path() -> str:
    """The path of the link in the last mail."""
    found = re.search(r"https?://[^/\s]+(/link/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.mark.usefixtures("on_commit_now")
def test_a_forgotten_password_is_chosen_anew_through_a_link_by_mail(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice", email="alice@example.org")
    elsewhere = client_for(mercy, user)
    browser = client_for(mercy)
    answer = browser.post("/password/forgotten/", {"username": "alice"})
    assert answer["Location"] == "/password/forgotten/sent/"
    message = mail.outbox[-1]
    assert message.to == ["alice@example.org"]
    assert message.from_email.startswith("Mercy General Hospital <")
    assert isinstance(message, EmailMultiAlternatives)
    assert message.alternatives
    path = mailed_path()
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/password/choose/")
    assert answer["Referrer-Policy"] == "no-referrer"
    page = browser.get("/password/choose/")
    assert path.split("/")[2].encode() not in page.content
    assert browser.post("/password/choose/", {"new_password": NEW})["Location"] == "/sign-in/"
    assert elsewhere.get("/account/").status_code == 302  # every session ended
    assert browser.get(path).status_code == 404  # once
    assert b"do not go together" in browser.post("/sign-in/", {"username": "alice", "password": PASSWORD}).content
    answer = browser.post("/sign-in/", {"username": "alice", "password": NEW})
    assert answer["Location"] == "/sign-in/code/"  # never past the second step
    assert browser.get("/account/").status_code == 302


@pytest.mark.security("S44")
@pytest.mark.usefixtures("on_commit_now")
def test_the_link_is_made_of_the_primary_domain_whatever_the_request_says(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice", email="alice@example.org")
    browser = client_for(mercy)
    poison = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Forwarded-Proto": "https"}
    browser.post("/password/forgotten/", {"username": "alice"}, headers=poison)
    assert f"http://{mercy.host}/link/" in str(mail.outbox[-1].body)
    assert "evil.example" not in str(mail.outbox[-1].body)
    answer = Client(SERVER_NAME="evil.example").post("/password/forgotten/", {"username": "alice"})
    assert answer.status_code in {400, 404}
    assert len(mail.outbox) == 1


@pytest.mark.security("S44")
def test_a_reset_link_lasts_an_hour_and_a_newer_one_replaces_it(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    with time_machine.travel(NOON, tick=False) as clock:
        first = issue_link(by=BY, user=user, purpose=RESET)
        second = issue_link(by=BY, user=user, purpose=RESET)
        with pytest.raises(NotFound):
            open_link(first)
        clock.shift(timedelta(minutes=59))
        held = open_link(second)
        clock.shift(timedelta(minutes=1))
        with pytest.raises(NotFound):
            open_link(second)
        with pytest.raises(NotFound):
            choose_password(by=BY, link=held, password=NEW)


@pytest.mark.security("S44")
def test_a_link_is_spent_by_one_of_two_who_hold_it(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    token = issue_link(by=BY, user=user, purpose=RESET)
    one, two = open_link(token), open_link(token)
    choose_password(by=BY, link=one, password=NEW)
    with pytest.raises(NotFound):
        choose_password(by=BY, link=two, password="something else entirely")
    assert User.objects.get(pk=user.pk).check_password(NEW)


@pytest.mark.security("S2", "P16")
def test_a_link_row_copied_to_another_hospital_opens_nothing_there(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(riverside, "eve")
    with inside(riverside):
        token = issue_link(by=BY, user=user, purpose=RESET)
        row = OneTimeLink.objects.get()
    assert token not in row.digest
    with inside(mercy):
        user.save(force_insert=True)
        row.save(force_insert=True)
    assert client_for(mercy).get(f"/link/{token}/").status_code == 404
    assert client_for(riverside).get(f"/link/{token}/").status_code == 302


@pytest.mark.usefixtures("on_commit_now")
def test_the_set_up_link_leads_through_password_and_second_step(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "ben", password=None, totp_secret=None)
    with inside(mercy):
        token = issue_link(by=BY, user=user, purpose=WELCOME)
    browser = client_for(mercy)
    assert browser.post("/sign-in/", {"username": "ben", "password": "!"}).status_code == 200
    assert b"Welcome, Ben" in browser.get(f"/link/{token}/", follow=True).content
    assert browser.post("/password/choose/", {"new_password": NEW})["Location"] == "/set-up/"
    assert browser.get("/set-up/").status_code == 200
    assert browser.get("/account/")["Location"] == "/set-up/"


def test_opening_a_link_ends_the_session_of_whoever_was_signed_in(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    alice, ben = person(mercy, "alice"), person(mercy, "ben")
    with inside(mercy):
        token = issue_link(by=BY, user=ben, purpose=RESET)
    browser = client_for(mercy, alice)
    browser.get(f"/link/{token}/")
    assert browser.get("/account/").status_code == 302


def test_a_changed_password_keeps_this_session_and_ends_the_others(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    here, there = client_for(mercy, user), client_for(mercy, user)
    key = here.cookies["portico_session"].value
    wrong = here.post("/account/password/", {"old_password": "guess", "new_password": NEW})
    assert b"not the password that you use now" in wrong.content
    assert here.post("/account/password/", {"old_password": PASSWORD, "new_password": NEW})["Location"] == "/account/"
    assert here.cookies["portico_session"].value != key
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)
    with inside(mercy):
        assert AuditEvent.objects.filter(kind="password.changed", outcome="success").count() == 1


@pytest.mark.security("S43")
@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("short12", False),
        ("password1", False),
        ("12345678", False),
        ("alice1234", False),
        ("plum tor", True),
        ("zzzzzzzzqqqq", True),
        ("x" * 64, True),
        ("пароль из слов", True),
        ("y" * 257, False),
    ],
)
def test_a_password_is_long_and_not_everybodys(password: str, good: bool) -> None:
    user = User(username="alice", name="Alice Alvarez", email="alice@example.org")
    if good:
        validate_password(password, user)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, user)


@pytest.mark.security("S43")
def test_without_a_second_step_fifteen_characters_are_asked_for() -> None:
    user = User(username="alice", name="Alice")
    with patch("portal.accounts.passwords.second_factor_required", return_value=False):
        with pytest.raises(ValidationError):
            validate_password("fourteen chars", user)
        validate_password("fifteen, so fine", user)


@pytest.mark.security("S41")
def test_guessing_is_slowed_for_this_name_and_address_and_nobody_is_thrown_out(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    alice = person(mercy, "alice")
    person(riverside, "alice")
    signed_in = client_for(mercy, alice)
    guesser = client_for(mercy, REMOTE_ADDR="203.0.113.7")
    codes = []
    for number in range(12):
        forged = {"X-Forwarded-For": f"198.51.100.{number}"}
        codes.append(guesser.post("/sign-in/", {"username": "alice", "password": f"guess {number}"}, headers=forged))
    assert [a.status_code for a in codes] == [200] * 10 + [429] * 2
    right = {"username": "alice", "password": PASSWORD}
    assert guesser.post("/sign-in/", right).status_code == 429
    assert signed_in.get("/account/").status_code == 200
    assert client_for(mercy, REMOTE_ADDR="203.0.113.8").post("/sign-in/", right).status_code == 302
    assert client_for(riverside, REMOTE_ADDR="203.0.113.7").post("/sign-in/", right).status_code == 302


@pytest.mark.security("S42")
@pytest.mark.usefixtures("on_commit_now")
def test_known_and_unknown_names_get_the_same_answer(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice", email="alice@example.org")
    person(mercy, "bella")
    with inside(mercy):
        User.objects.filter(username="bella").update(is_active=False)
    answers = {}
    for name in ("alice", "bella", "zelda"):
        browser = client_for(mercy, REMOTE_ADDR="203.0.113.9")
        pages = [browser.post("/sign-in/", {"username": name, "password": "not this one"}) for _ in range(12)]
        pages += [browser.post("/password/forgotten/", {"username": name}), browser.get("/password/forgotten/sent/")]
        answers[name] = [(p.status_code, p.get("Location"), blank(p.content, name)) for p in pages]
    assert answers["alice"] == answers["zelda"] == answers["bella"]
    assert len(mail.outbox) == 1


def blank(content: bytes, name: str) -> str:
    """The page without what differs from one request to the next, and without what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", content.decode())
    return text.replace(f'value="{name}"', "")


@pytest.mark.security("S42")
def test_an_unknown_name_costs_a_hash_like_a_known_one(in_mercy: HospitalRecord, person: MakePerson) -> None:
    from portal.accounts.backends import PasswordBackend

    person(in_mercy, "alice")
    with patch("django.contrib.auth.hashers.MD5PasswordHasher.encode", return_value="md5$x$y") as encode:
        for name in ("alice", "zelda"):
            encode.reset_mock()
            PasswordBackend().authenticate(None, username=name, password="wrong")
            assert encode.call_count == 1, name


@pytest.mark.usefixtures("on_commit_now")
def test_mail_is_in_the_persons_language_and_asked_for_five_times_at_most(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice", email="alice@example.org", language="ar")
    browser = client_for(mercy)
    for _ in range(8):
        assert browser.post("/password/forgotten/", {"username": "alice"}).status_code == 302
    assert len(mail.outbox) == 5
    first = mail.outbox[0]
    assert isinstance(first, EmailMultiAlternatives)
    html = str(first.alternatives[0][0])
    assert 'dir="rtl"' in html


@pytest.mark.usefixtures("on_commit_now")
def test_the_vendors_people_get_their_link_from_the_public_host(
    client_for: ClientFor, person: MakePerson, database: None
) -> None:
    person(None, "victor", role="operator", email="victor@example.org")
    client_for(None).post("/password/forgotten/", {"username": "victor"})
    assert "http://localhost/link/" in str(mail.outbox[-1].body)
    assert client_for(None).get(mailed_path())["Location"] == "/password/choose/"


def test_a_new_password_ends_links_that_are_still_open(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    token = issue_link(by=BY, user=user, purpose=RESET)
    change_password(by=BY, user=user, password=NEW)
    with pytest.raises(NotFound):
        open_link(token)
    assert not Session.objects.exists()


def test_the_code_of_the_app_is_still_asked_for_after_a_reset(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    with inside(mercy):
        token = issue_link(by=BY, user=user, purpose=RESET)
    browser = client_for(mercy)
    browser.get(f"/link/{token}/")
    browser.post("/password/choose/", {"new_password": NEW})
    with time_machine.travel(NOON, tick=False):
        assert browser.post("/sign-in/", {"username": "alice", "password": NEW})["Location"] == "/sign-in/code/"
        assert browser.post("/sign-in/code/", {"code": code_at(NOON)})["Location"] == "/"

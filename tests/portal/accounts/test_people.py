"""Making people, their names, their settings, and that nobody is ever deleted."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.errors import Conflict
from foundation.tenancy import HospitalRecord, inside, inside_public
from portal.accounts.actions import begin_app, create_person, deactivate_person, issue_link
from portal.accounts.checks import sign_in_is_ours
from portal.accounts.errors import WrongRole
from portal.accounts.models import AuthenticatorApp, OneTimeLink, Session, User
from portal.accounts.tasks import tidy, tidy_everywhere
from portal.accounts.tidying import tidy as tidy_here
from tests.people import make_person
from tests.portal.accounts.codes import NOON

type ClientFor = Callable[..., Client]
type MakePerson = Callable[..., Any]
BY = Actor.command("tests")


def test_a_username_is_one_whatever_its_case_and_width(in_mercy: HospitalRecord, person: MakePerson) -> None:
    person(in_mercy, "Alice")
    for same in ("alice", " ALICE ", "ａｌｉｃｅ"):
        with pytest.raises(Conflict):
            person(in_mercy, same)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="ALICE", name="Alice")


def test_the_same_username_may_live_in_two_hospitals(
    mercy: HospitalRecord, riverside: HospitalRecord, person: MakePerson
) -> None:
    assert person(mercy, "alice").pk != person(riverside, "alice").pk


def test_each_place_has_its_own_roles(in_mercy: HospitalRecord, person: MakePerson) -> None:
    for roles in (["operator"], ["patient", "operator"], []):
        with pytest.raises(WrongRole):
            create_person(by=BY, username="x", name="X", roles=roles)
    with pytest.raises(WrongRole):
        make_person(None, "x", role="patient")
    both = create_person(by=BY, username="chen", name="Dr. Chen", roles=["patient", "clinician"])
    assert both.is_staff_member


def test_nobody_stands_above_the_permissions(in_mercy: HospitalRecord) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="root", name="Root", is_superuser=True)


@pytest.mark.security("P33")
def test_people_are_deactivated_never_deleted(database: None, person: MakePerson) -> None:
    victor = person(None, "victor", role="operator")
    with inside_public():
        with pytest.raises(TypeError):
            victor.delete()
        with pytest.raises(Exception), transaction.atomic():  # noqa: B017  (refused by us, or by the collector)
            User.objects.filter(pk=victor.pk).delete()
        deactivate_person(by=BY, user=victor)
        assert User.objects.get(pk=victor.pk).is_active is False


@pytest.mark.security("P33")
def test_rows_of_people_in_public_can_be_tidied_though_their_tables_meet_hospital_tables(
    database: None, person: MakePerson
) -> None:
    """The collector follows keys to a person into tables that only hospitals have; nothing we delete leads there."""
    victor = person(None, "victor", role="operator")
    with time_machine.travel(NOON, tick=False) as clock, inside_public():
        begin_app(by=BY, user=victor)
        issue_link(by=BY, user=victor, purpose=OneTimeLink.Purpose.RESET)
        Session.objects.create(digest="x", user=victor, idle_seconds=60, last_seen_at=NOON, created_at=NOON)
        clock.shift(timedelta(days=8))
        assert tidy_here(by=BY) == 3
        assert AuthenticatorApp.objects.filter(user=victor).count() == 1


def test_what_nobody_can_use_any_more_is_tidied_away_and_the_rest_is_kept(
    in_mercy: HospitalRecord, person: MakePerson
) -> None:
    user = person(in_mercy, "alice")
    with time_machine.travel(NOON, tick=False) as clock:
        begin_app(by=BY, user=user)
        old_link = issue_link(by=BY, user=user, purpose=OneTimeLink.Purpose.RESET)
        clock.shift(timedelta(minutes=59))
        assert tidy_here(by=BY) == 0
        clock.shift(timedelta(minutes=1))
        assert tidy_here(by=BY) == 1
    assert old_link
    assert AuthenticatorApp.objects.count() == 1


@pytest.mark.usefixtures("on_commit_now")
def test_each_live_hospital_is_tidied_by_a_task_of_its_own(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside_public():
        tidy_everywhere()
    for hospital in (mercy, riverside):
        with inside(hospital):
            assert AuditEvent.objects.filter(kind="accounts.tidied", actor_kind="system").count() == 1
    assert tidy.name == "accounts.tidy"


def test_language_and_appearance_are_kept_on_the_profile_and_worn_by_the_page(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    browser = client_for(mercy, user)
    assert browser.post("/account/appearance/", {"appearance": "dark"})["Location"] == "/account/"
    assert browser.post("/account/language/", {"language": "ar"})["Location"] == "/account/"
    page = browser.get("/account/").content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert 'data-appearance="dark"' in page
    assert browser.cookies["portico_language"].value == "ar"
    elsewhere = client_for(mercy, user, HTTP_ACCEPT_LANGUAGE="en")
    assert 'lang="ar"' in elsewhere.get("/account/").content.decode()
    assert browser.post("/account/language/", {"language": "fr"}).status_code == 200


def test_before_sign_in_the_cookie_decides_then_what_the_browser_asks_for(
    mercy: HospitalRecord, client_for: ClientFor
) -> None:
    browser = client_for(mercy)
    for asked, worn in (("es-MX,es;q=0.9", "es"), ("fr,ar;q=0.5", "ar"), ("fr", "en"), ("*;q=x,,", "en")):
        page = browser.get("/sign-in/", headers={"Accept-Language": asked})
        assert f'<html lang="{worn}"' in page.content.decode()
        assert page["Content-Language"] == worn
    browser.post("/language/", {"language": "ar", "next": "/sign-in/"})
    assert '<html lang="ar"' in browser.get("/sign-in/", headers={"Accept-Language": "es"}).content.decode()


def test_a_language_chosen_in_the_frame_becomes_the_persons(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    client_for(mercy, user).post("/language/", {"language": "es", "next": "/account/"})
    with inside(mercy):
        assert User.objects.get(pk=user.pk).language == "es"


def test_every_account_page_shows_without_errors(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    browser = client_for(mercy, person(mercy, "alice", email="alice@example.org"))
    for path in (
        "/account/",
        "/account/language/",
        "/account/appearance/",
        "/account/second-step/",
        "/account/password/",
        "/account/confirm/",
        "/sign-in/help/",
        "/signed-out/",
        "/set-up/",
    ):
        assert browser.get(path).status_code == 200, path


def test_wrong_settings_stop_the_start(settings: Any) -> None:
    assert not sign_in_is_ours(None)
    settings.SESSION_COOKIE_DOMAIN = ".example.org"
    settings.ANONYMOUS_USER_NAME = "AnonymousUser"
    assert {error.id for error in sign_in_is_ours(None)} == {"accounts.E001", "accounts.E003"}
    assert not apps.is_installed("django.contrib.sessions")


@pytest.mark.security("P33")
def test_people_are_not_deleted_in_a_hospital_either(in_mercy: HospitalRecord, person: MakePerson) -> None:
    person(in_mercy, "alice")
    with pytest.raises(TypeError), transaction.atomic():
        User.objects.all().delete()
    assert User.objects.count() == 1


def test_the_vendor_adds_its_own_people_from_the_command_line(database: None, client_for: ClientFor) -> None:
    out = io.StringIO()
    call_command("operator", "add", "--username", "victor", "--name", "Victor", stdout=out)
    path = out.getvalue()[out.getvalue().index("/link/") :].strip()
    assert client_for(None).get(path)["Location"] == "/password/choose/"
    out = io.StringIO()
    call_command("operator", "reset", "victor", stdout=out)
    assert "0 second factor" in out.getvalue()
    with pytest.raises(CommandError, match="taken"):
        call_command("operator", "add", "--username", "victor")
    with inside_public():
        assert User.objects.get().roles == ["operator"]

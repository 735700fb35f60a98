"""Whatever one hospital gave out is worth nothing at the other: also where the person's rows stand there as well.

The rows are copied as they are, keys and hashes too: what a careless import or a restored backup would do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.tokens import default_token_generator
from django.db import models
from django.test import Client

from foundation.audit import Actor
from foundation.crypto import fingerprint
from foundation.tenancy import HospitalRecord, inside, signing
from portal.access.actions import grant_record
from portal.accounts import signin
from portal.accounts.actions import issue_link, renew_recovery_codes
from portal.accounts.models import (
    AuthenticatorApp,
    OneTimeLink,
    RecoveryCode,
    RecoverySet,
    Session,
    User,
)
from tests.isolation.conftest import Twin
from tests.isolation.routes import addresses, body, still
from tests.people import PASSWORD
from tests.portal.accounts.codes import NOON, code_at

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
BY = Actor.command("tests")


@dataclass(frozen=True)
class Copied:
    """Cloe of mercy, who stands in riverside as well, and what mercy gave her."""

    here: Twin
    there: Twin
    user: User
    links: dict[str, str]
    codes: list[str]


def copied_rows(to: HospitalRecord, rows: Iterable[models.Model]) -> None:
    with inside(to):
        for row in rows:
            row._state.adding, row._state.db = True, None
            row.save(force_insert=True)


@pytest.fixture(params=["as they are", "with her rows copied"])
def cloe(request: pytest.FixtureRequest, twins: tuple[Twin, Twin], person: People) -> Copied:
    here, there = twins
    user = person(here.hospital, "cloe", patient=here.patient, email="cloe@example.org")
    with inside(here.hospital):
        links = {p.value: issue_link(by=BY, user=user, purpose=p) for p in OneTimeLink.Purpose}
        codes = renew_recovery_codes(by=BY, user=user)
    return Copied(here, there, user, links, list(codes))


@pytest.fixture
def copy(request: pytest.FixtureRequest, cloe: Copied) -> Callable[[], None]:
    """Copies everything of hers that there is now."""

    def do() -> None:
        if "copied" not in request.node.name:
            return
        with inside(cloe.here.hospital):
            rows: list[models.Model] = []
            for found in (
                User.objects.filter(pk=cloe.user.pk), AuthenticatorApp.objects.filter(user=cloe.user),
                RecoverySet.objects.filter(user=cloe.user), RecoveryCode.objects.filter(device__user=cloe.user),
                Session.objects.filter(user=cloe.user), Session.objects.filter(user=None),
                OneTimeLink.objects.filter(user=cloe.user),
            ):  # fmt: skip
                rows += list(found)
        copied_rows(cloe.there.hospital, rows)
        with inside(cloe.there.hospital):
            grant_record(by=BY, user=User.objects.get(pk=cloe.user.pk), patient=cloe.there.patient)

    return do


def at(browser: Client, hospital: HospitalRecord) -> Client:
    browser.defaults["SERVER_NAME"] = hospital.host
    return browser


@pytest.mark.security("S2")
@pytest.mark.security("P15")
@pytest.mark.parametrize("verified", [True, False], ids=["signed in", "half signed in"])
def test_a_session_opens_nothing_elsewhere(
    cloe: Copied, copy: Callable[[], None], client_for: Browsers, verified: bool
) -> None:
    browser = client_for(cloe.here.hospital, cloe.user, verified=verified)
    copy()
    for address in addresses("config.urls", {"one": cloe.here.patient.pk}):
        given = dict(browser.cookies)
        replayed = Client(SERVER_NAME=cloe.there.hospital.host, raise_request_exception=False)
        for name, morsel in given.items():
            replayed.cookies[name] = morsel.value
        answer, strangers = replayed.get(address), client_for(cloe.there.hospital).get(address)
        assert answer.status_code == strangers.status_code, address
        assert answer.headers.get("Location") == strangers.headers.get("Location"), address
        assert still(body(answer)) == still(body(strangers)), address
    if verified:
        assert cloe.here.canary.encode() in browser.get("/records/").content


@pytest.mark.security("S2")
def test_a_password_half_proved_here_asks_for_no_code_there(
    cloe: Copied, copy: Callable[[], None], client_for: Browsers
) -> None:
    browser = client_for(cloe.here.hospital)
    answer = browser.post("/sign-in/", {"username": "cloe", "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/code/"
    copy()
    with time_machine.travel(NOON, tick=False):
        replayed = at(browser, cloe.there.hospital)
        replayed.post("/sign-in/code/", {"code": code_at(NOON)})
        assert replayed.get("/records/").status_code == 302


@pytest.mark.security("S2")
@pytest.mark.security("S58")
def test_a_second_step_of_here_is_none_there(cloe: Copied, copy: Callable[[], None], client_for: Browsers) -> None:
    """Even the right password, where it was copied, and the right code of the app, and a right recovery code."""
    copy()
    with time_machine.travel(NOON, tick=False):
        for address, code in [("/sign-in/code/", code_at(NOON)), *[("/sign-in/recovery-code/", c) for c in cloe.codes]]:
            browser = client_for(cloe.there.hospital)
            browser.post("/sign-in/", {"username": "cloe", "password": PASSWORD})
            answer = browser.post(address, {"code": code})
            assert answer.status_code < 500
            assert browser.get("/records/").status_code == 302, address
            assert cloe.there.canary.encode() not in body(browser.get("/records/"))


@pytest.mark.security("S2")
@pytest.mark.security("P16")
def test_a_link_by_mail_opens_nothing_there(cloe: Copied, copy: Callable[[], None], client_for: Browsers) -> None:
    copy()
    for token in cloe.links.values():
        browser = client_for(cloe.there.hospital)
        answer, unknown = browser.get(f"/link/{token}/"), client_for(cloe.there.hospital).get(f"/link/{'x' * 43}/")
        shown, strange = (answer.content.replace(token.encode(), b"x" * 43), unknown.content)
        assert (answer.status_code, still(shown)) == (unknown.status_code, still(strange))
        browser.post("/password/choose/", {"new_password": "another battery staple"})
        with inside(cloe.there.hospital):
            assert not User.objects.filter(pk=cloe.user.pk).exclude(password=cloe.user.password).exists()
    answer = client_for(cloe.here.hospital).get(f"/link/{cloe.links['reset']}/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/password/choose/"


@pytest.mark.security("S2")
def test_a_link_half_used_here_is_not_in_hand_there(
    cloe: Copied, copy: Callable[[], None], client_for: Browsers
) -> None:
    browser = client_for(cloe.here.hospital)
    browser.get(f"/link/{cloe.links['reset']}/")
    copy()
    at(browser, cloe.there.hospital).post("/password/choose/", {"new_password": "another battery staple"})
    with inside(cloe.there.hospital):
        assert not User.objects.filter(pk=cloe.user.pk).exclude(password=cloe.user.password).exists()


@pytest.mark.security("S2")
@pytest.mark.security("P16")
def test_what_is_signed_here_is_forged_there(cloe: Copied, copy: Callable[[], None]) -> None:
    copy()
    with inside(cloe.here.hospital):
        signed, hashed = signing.dumps({"user": str(cloe.user.pk)}, purpose="p"), fingerprint("t", purpose="p")
        session_hash = cloe.user.get_session_auth_hash()
        assert signing.loads(signed, purpose="p")
        with pytest.raises(signing.BadSignature):
            signing.loads(signed, purpose="q")
    with inside(cloe.there.hospital):
        with pytest.raises(signing.BadSignature):
            signing.loads(signed, purpose="p")
        assert fingerprint("t", purpose="p") != hashed
        assert cloe.user.get_session_auth_hash() != session_hash


@pytest.mark.security("S2")
def test_a_forms_token_of_here_is_refused_there(cloe: Copied, client_for: Browsers) -> None:
    """The cookie is signed by the hospital: one that somebody planted, or took along, is none."""
    browser = client_for(cloe.here.hospital, enforce_csrf_checks=True)
    page = browser.get("/sign-in/")
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.content)
    assert found is not None
    form = {"username": "cloe", "password": "wrong", "csrfmiddlewaretoken": found.group(1).decode()}
    assert browser.post("/sign-in/", form).status_code == 200
    assert at(browser, cloe.there.hospital).post("/sign-in/", form).status_code == 403
    at(browser, cloe.here.hospital)
    for planted in ("a" * 32, "a" * 64, f"{'a' * 32}.{'0' * 64}", ".", "\u00e9" * 32, ""):
        fresh = client_for(cloe.here.hospital, enforce_csrf_checks=True)
        fresh.cookies[django_settings.CSRF_COOKIE_NAME] = planted
        answer = fresh.post("/sign-in/", {**form, "csrfmiddlewaretoken": planted or "x"})
        assert answer.status_code == 403, planted


@pytest.mark.security("S2")
@pytest.mark.security("P16")
def test_djangos_own_reset_token_is_used_nowhere(cloe: Copied) -> None:
    """It carries no hospital: for a copied row it would hold in both. No route takes it."""
    assert default_token_generator.check_token(cloe.user, default_token_generator.make_token(cloe.user))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(default_token_generator), "check_token", lambda *_: pytest.fail("somebody asks it"))
        for address in addresses("config.urls", {"one": cloe.user.pk}):
            Client(SERVER_NAME=cloe.here.hospital.host, raise_request_exception=False).get(address)


@pytest.mark.security("S2")
@pytest.mark.security("S36")
def test_there_are_no_remember_cookies_and_no_tokens_of_an_api() -> None:
    assert django_settings.TWO_FACTOR_REMEMBER_COOKIE_AGE is None
    for package in ("rest_framework_simplejwt", "oauth2_provider", "knox"):
        assert find_spec(package) is None, f"{package} is here: replay its tokens at the other hospital"
    assert "rest_framework.authtoken" not in django_settings.INSTALLED_APPS


def test_the_proof_of_a_second_step_stands_in_the_session_alone() -> None:
    assert signin.FACTOR == "accounts.factor"

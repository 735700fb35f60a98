"""The watch over what leaves the process (tests/egress.py) sees a leak on each of its channels, and fails the test."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import OutputWrapper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import Client
from django.urls import clear_url_caches, path

import config.urls
from foundation import audit
from foundation.audit import Actor
from foundation.logs import get_logger
from foundation.permissions import open_to_all
from foundation.registry import event_kinds
from foundation.tasks import hospital_task
from foundation.tenancy import HospitalRecord, inside
from tests import egress
from tests.egress import Leak, planted, words_in

event_kinds.register("test.leaked", "A test leaked")
CANARY = "CANARY-LEAK"
GLUCOSE = "Glucose [Mass/volume] in Serum or Plasma"
SECRETS = [CANARY, "José Ángel Núñez", "Essential hypertension", GLUCOSE, "162 mg/dL"]


@hospital_task(name="tests.leak")
def leaking_task(*, word: str) -> None:
    del word


@open_to_all
def elsewhere(request: HttpRequest) -> HttpResponse:
    return redirect(f"/somewhere/{CANARY}/")


@open_to_all
def titled(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<html><head><title>{GLUCOSE}</title></head></html>")


@open_to_all
def linked(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f'<html><body><a class="x" href="/results/?name={CANARY}">x</a></body></html>')


@open_to_all
def failed(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<html><body>Key (name)=({CANARY}) already exists.</body></html>", status=500)


@pytest.fixture
def browser(mercy: HospitalRecord, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    views = {"elsewhere": elsewhere, "titled": titled, "linked": linked, "failed": failed}
    added = [path(f"t/{name}/", view) for name, view in views.items()]
    monkeypatch.setattr(config.urls, "urlpatterns", [*config.urls.urlpatterns, *added])
    clear_url_caches()
    yield client_for(mercy)
    clear_url_caches()


def channels(leaks: list[Leak]) -> set[str]:
    return {leak.channel for leak in leaks}


@pytest.mark.parametrize("secret", SECRETS)
def test_canaries_people_diagnoses_tests_and_values_are_words_that_may_not_leave(secret: str) -> None:
    assert words_in(f'{{"route":"records:result","x":"{secret}"}}')
    assert not words_in('{"event":"request","route":"records:result","ms":12.3,"status":200,"hospital":"mercy"}')
    assert not words_in("Choose a new password for Mercy General Hospital\nHello Alice,")


@pytest.mark.security("S64")
@pytest.mark.parametrize("secret", SECRETS)
def test_a_leak_in_a_log_line_is_seen(secret: str) -> None:
    with planted() as leaks:
        get_logger("tests").info("request", route=secret)
        get_logger("tests").info("request", name=secret)  # dropped: no field of ours
    assert [leak.channel for leak in leaks].count("log") >= 1
    assert all('"dropped"' not in leak.text for leak in leaks)


@pytest.mark.security("S64")
def test_a_leak_through_a_handler_with_a_format_of_its_own_is_seen() -> None:
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("tests.other")
    logger.addHandler(handler)
    try:
        with planted() as leaks:
            logger.warning("a library says %s", CANARY)
    finally:
        logger.removeHandler(handler)
    assert channels(leaks) == {"log"}


@pytest.mark.security("S63")
@pytest.mark.parametrize("place", ["subject", "body", "html", "header"])
def test_a_leak_in_a_mail_is_seen(place: str) -> None:
    mail = EmailMultiAlternatives(
        CANARY if place == "subject" else "Hello", CANARY if place == "body" else "Hello", "a@example.org",
        ["b@example.org"], headers={"X-About": CANARY} if place == "header" else {},
    )  # fmt: skip
    mail.attach_alternative(f"<p>{CANARY}</p>" if place == "html" else "<p>Hello</p>", "text/html")
    with planted() as leaks:
        mail.send()
    assert channels(leaks) == {"mail"}


@pytest.mark.security("S63")
def test_a_leak_in_a_tasks_arguments_is_seen(mercy: HospitalRecord, on_commit_now: None) -> None:
    with planted() as leaks, inside(mercy):
        leaking_task.send(mercy, word=CANARY)
    assert channels(leaks) == {"task"}
    plain = Celery("plain", broker="memory://", set_as_current=False)
    with planted() as leaks:
        plain.send_task("tests.leak", kwargs={"arguments": {"word": CANARY}})
    assert channels(leaks) == {"task"}


@pytest.mark.security("S63")
@pytest.mark.parametrize(
    ("page", "channel"),
    [("elsewhere", "address"), ("titled", "title"), ("linked", "address"), ("failed", "error page")],
)
def test_a_leak_in_an_address_a_title_or_an_error_page_is_seen(browser: Client, page: str, channel: str) -> None:
    with planted() as leaks:
        browser.get(f"/t/{page}/")
    assert channels(leaks) == {channel}


def test_what_came_with_the_request_may_go_back(browser: Client) -> None:
    with planted() as leaks:
        browser.get(f"/account/{CANARY}/")
        assert CANARY in browser.get("/account/", {"x": CANARY}).headers["Location"]
    assert leaks == []


@pytest.mark.security("S8")
def test_a_leak_in_a_cache_key_is_seen(in_mercy: HospitalRecord) -> None:
    with planted() as leaks:
        cache.set(f"person:{CANARY}", 1)
    assert channels(leaks) == {"cache key"}


@pytest.mark.security("S55")
@pytest.mark.parametrize("given", [{"reason": CANARY}, {"target": ("result", "Essential hypertension")}])
def test_a_leak_in_an_event_is_seen(in_mercy: HospitalRecord, given: dict[str, Any]) -> None:
    with planted() as leaks:
        audit.record("test.leaked", by=Actor.command("tests"), **given)
    assert channels(leaks) == {"audit event"}


def test_a_leak_in_a_commands_output_is_seen() -> None:
    with planted() as leaks:
        OutputWrapper(io.StringIO()).write(f"synchronised {CANARY}")
    assert channels(leaks) == {"output"}


def test_the_watch_is_on_and_fails_the_test_in_which_something_left(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("tests.egress"), "tests/conftest.py names it in pytest_plugins"
    get_logger("tests").info("request", route=CANARY)
    with pytest.raises(pytest.fail.Exception, match=CANARY):
        egress.fail_on_leaks()

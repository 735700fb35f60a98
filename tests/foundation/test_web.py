"""What each request goes through: id, audit before the answer, refusals in words, nothing stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

import config.urls
from foundation import audit
from foundation.audit.models import AuditEvent
from foundation.errors import NotFound
from foundation.permissions import ANONYMOUS, open_to_all
from foundation.registry import event_kinds
from foundation.tenancy import HospitalRecord, inside

event_kinds.register("test.page_read", "A test page was read")
SECRET = "CANARY-VALUE"


@open_to_all
def reads(request: HttpRequest) -> HttpResponse:
    audit.record("test.page_read", by=ANONYMOUS.actor)
    return HttpResponse(SECRET)


@open_to_all
def refuses(request: HttpRequest) -> HttpResponse:
    raise NotFound


@open_to_all
def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SECRET)


@pytest.fixture
def browser(mercy: HospitalRecord, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Client:
    routes = [
        path("t/reads/", reads),
        path("t/refuses/", refuses),
        path("t/breaks/", breaks),
        path("t/undeclared/", undeclared),
    ]
    monkeypatch.setattr(config.urls, "urlpatterns", [*config.urls.urlpatterns, *routes])
    from django.urls import clear_url_caches

    clear_url_caches()
    browser: Client = client_for(mercy)
    return browser


@pytest.fixture(autouse=True)
def _forget_routes() -> Any:
    from django.urls import clear_url_caches

    yield
    clear_url_caches()


def test_a_read_leaves_its_event_with_the_requests_id(browser: Client, mercy: HospitalRecord) -> None:
    answer = browser.get("/t/reads/")
    assert answer.status_code == 200
    with inside(mercy):
        event = AuditEvent.objects.get(kind="test.page_read")
    assert event.request_id == answer["X-Request-Id"]
    assert event.address == "127.0.0.1"


@pytest.mark.security("S51")
def test_without_the_event_there_is_no_data(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise DatabaseError("no room")

    monkeypatch.setattr("foundation.audit.trail.write", fail)
    answer = browser.get("/t/reads/")
    assert answer.status_code == 503
    assert SECRET.encode() not in answer.content


@pytest.mark.security("S74")
@pytest.mark.parametrize(("page", "status"), [("refuses", 404), ("breaks", 500), ("undeclared", 403), ("absent", 404)])
def test_an_error_is_a_branded_page_with_the_requests_id_and_no_inner_words(
    browser: Client, page: str, status: int
) -> None:
    answer = browser.get(f"/t/{page}/")
    assert answer.status_code == status
    assert SECRET.encode() not in answer.content
    assert b"Traceback" not in answer.content
    assert answer["X-Request-Id"].encode() in answer.content
    if status != 500:
        assert b"Mercy General Hospital" in answer.content


@pytest.mark.security("S62")
def test_pages_are_not_stored(browser: Client) -> None:
    assert "no-store" in browser.get("/sign-in/")["Cache-Control"]


@pytest.mark.security("S68")
def test_the_policy_allows_no_inline_and_no_frame(browser: Client) -> None:
    policy = browser.get("/sign-in/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_clients_own_request_id_is_not_believed(browser: Client) -> None:
    answer = browser.get("/livez", headers={"X-Request-Id": "forged-request-id"})
    assert answer["X-Request-Id"] != "forged-request-id"

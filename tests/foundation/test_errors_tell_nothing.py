"""Every error on every host: a page in the host's own brand, the request's id, and not a word about the inside."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django
import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path
from django.views.decorators.http import require_GET

import config.public_urls
import config.urls
from foundation.errors import Conflict, TooMany, Unavailable
from foundation.permissions import open_to_all
from foundation.tenancy import HospitalRecord

INSIDE = (
    "CANARY-INSIDE SELECT secret FROM h_mercy.access_patient at 10.1.2.3:5432, /srv/portico/foundation/web.py, "
    "django 6.1, psycopg.errors, Traceback (most recent call last)"
)
TELLTALES = re.compile(
    r"CANARY-INSIDE|Traceback|File \"|/srv/|/work/|site-packages|psycopg|postgres|valkey|redis|celery|granian|django|"
    r"wagtail|whitenoise|python|h_mercy|h_riverside|SELECT |DoesNotExist|RuntimeError|urlconf|DEBUG|"
    + re.escape(django.get_version()) + "|" + re.escape(".".join(map(str, sys.version_info[:3]))),
    re.IGNORECASE,
)  # fmt: skip


class OurFault(RuntimeError):
    pass


def raising(error: Exception) -> Callable[..., Any]:
    @open_to_all
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


@open_to_all
def reads_the_body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.POST)))


ROUTES = {
    "suspicious": (raising(SuspiciousOperation(INSIDE)), 400),
    "denied": (raising(PermissionDenied(INSIDE)), 403),
    "absent": (raising(Http404(INSIDE)), 404),
    "conflict": (raising(Conflict()), 409),
    "too-many": (raising(TooMany()), 429),
    "broken": (raising(OurFault(INSIDE)), 500),
    "database": (raising(DatabaseError(INSIDE)), 500),
    "operational": (raising(OperationalError(INSIDE)), 503),
    "recursion": (raising(RecursionError(INSIDE)), 500),
    "memory": (raising(MemoryError(INSIDE)), 500),
    "unavailable": (raising(Unavailable()), 503),
}
HOSTS = {
    "mercy.localhost": "Mercy General Hospital",
    "riverside.localhost": "Riverside Children",
    "localhost": "Portico",
}


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    routes = [path(f"t/{name}/", view) for name, (view, _status) in ROUTES.items()]
    routes += [path("t/reads/", open_to_all(require_GET(reads_the_body))), path("t/takes/", reads_the_body)]
    for urls in (config.urls, config.public_urls):
        monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, *routes])
    clear_url_caches()
    yield
    clear_url_caches()


def tells_nothing(answer: Any, host: str, status: int) -> None:
    assert answer.status_code == status
    text = re.sub(r'(href|src)="/(theme|static|brand)/[^"]*"', "", answer.content.decode())
    assert not TELLTALES.search(text), TELLTALES.search(text)
    said = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    assert not TELLTALES.search(said), TELLTALES.search(said)
    assert not {"x-powered-by", "via", "x-runtime"} & {name.lower() for name in answer.headers}
    assert answer.headers["Server"] == "Portico"
    assert answer.headers["X-Request-Id"] in text
    assert HOSTS[host] in text or (status >= 500 and "<h1" in text)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.security("S74")
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ROUTES)
def test_each_error_is_a_branded_page_with_the_requests_id_alone(mercy: HospitalRecord, name: str, host: str) -> None:
    browser = Client(SERVER_NAME=host, raise_request_exception=False)
    tells_nothing(browser.get(f"/t/{name}/"), host, ROUTES[name][1])


@pytest.mark.security("S74")
@pytest.mark.parametrize("host", HOSTS)
def test_an_address_that_is_not_there_tells_no_other_address(mercy: HospitalRecord, host: str) -> None:
    browser = Client(SERVER_NAME=host, raise_request_exception=False)
    tells_nothing(browser.get("/t/nowhere/"), host, 404)
    tells_nothing(browser.get("/admin/"), host, 404)


@pytest.mark.security("S74")
@pytest.mark.parametrize("host", HOSTS)
def test_a_method_that_is_not_allowed_and_a_body_that_is_too_large_are_pages_too(
    mercy: HospitalRecord, settings: LazySettings, host: str
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    browser = Client(SERVER_NAME=host, raise_request_exception=False)
    answer = browser.post("/t/reads/")
    tells_nothing(answer, host, 405)
    assert answer.headers["Allow"] == "GET"
    tells_nothing(browser.post("/t/takes/", "a=" + "x" * 2000, "application/x-www-form-urlencoded"), host, 413)
    many = "&".join(f"a{number}=1" for number in range(20))
    tells_nothing(browser.post("/t/takes/", many, "application/x-www-form-urlencoded"), host, 413)


@pytest.mark.security("S74")
def test_a_form_without_its_token_is_a_page_too(mercy: HospitalRecord) -> None:
    browser = Client(SERVER_NAME="mercy.localhost", enforce_csrf_checks=True, raise_request_exception=False)
    tells_nothing(browser.post("/sign-in/", {"username": "a"}), "mercy.localhost", 403)


@pytest.mark.security("S74")
def test_even_where_the_page_of_an_error_fails_nothing_is_told(
    mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise OurFault(INSIDE)

    monkeypatch.setattr("themes.errors.render_to_string", fails)
    browser = Client(SERVER_NAME="mercy.localhost", raise_request_exception=False)
    try:
        answer = browser.get("/t/broken/")
    except OurFault:
        pytest.fail("the error went through to the web server")
    assert answer.status_code == 500
    assert not TELLTALES.search(answer.content.decode())


@pytest.mark.security("S74")
def test_the_deployments_own_settings_have_no_debug() -> None:
    from config.settings import base

    assert base.DEBUG is False
    for template in base.TEMPLATES:
        assert not dict(template["OPTIONS"]).get("debug")  # type: ignore[call-overload]
        assert "django.template.context_processors.debug" not in str(template)

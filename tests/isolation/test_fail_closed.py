"""No event, no data: the database itself refuses the event, and pages, files, streams, JSON and tasks stay shut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client
from django.urls import clear_url_caches, path

import config.urls
from foundation import audit
from foundation.actions import action
from foundation.audit import Actor, open_trail
from foundation.audit import mail as alarm_mail
from foundation.audit.models import AuditEvent
from foundation.audit.trail import NotRecorded
from foundation.database import as_owner
from foundation.permissions import ANONYMOUS, open_to_all
from foundation.registry import event_kinds
from foundation.tasks import hospital_task
from foundation.tenancy import HospitalRecord, inside
from tests.isolation.conftest import Twin
from tests.isolation.routes import body
from tests.isolation.test_same_hospital import everywhere

event_kinds.register("test.page_read", "A test page was read")
SECRET = b"CANARY-VALUE"
done: list[str] = []


@contextmanager
def without_events(how: str) -> Iterator[None]:
    """While this lasts, and afterwards nothing of it: the table refuses rows, or the database refuses all writes."""
    with transaction.atomic():
        with as_owner() if how == "refused" else nullcontext(), connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE audit_event ADD CONSTRAINT shut CHECK (false) NOT VALID"
                if how == "refused"
                else "SET LOCAL transaction_read_only = on"
            )
        try:
            yield
        finally:
            connection.needs_rollback = False  # so that nothing hides behind an error of the test's own transaction
            transaction.set_rollback(True)


@open_to_all
def page(request: HttpRequest) -> HttpResponse:
    audit.record("test.page_read", by=ANONYMOUS.actor)
    return HttpResponse(SECRET)


@open_to_all
def as_json(request: HttpRequest) -> HttpResponse:
    audit.record("test.page_read", by=ANONYMOUS.actor)
    return JsonResponse({"value": SECRET.decode()})


@open_to_all
def stream(request: HttpRequest) -> StreamingHttpResponse:
    audit.record("test.page_read", by=ANONYMOUS.actor)
    return StreamingHttpResponse(iter([SECRET, SECRET]))


@open_to_all
def late_stream(request: HttpRequest) -> StreamingHttpResponse:
    def rows() -> Iterator[bytes]:
        yield b"first\n"
        audit.record("test.page_read", by=ANONYMOUS.actor)  # read when the answer has begun
        yield SECRET

    return StreamingHttpResponse(rows())


@action(event="test.page_read")
def write(*, by: Actor) -> str:
    done.append("written")
    return SECRET.decode()


@open_to_all
def writes(request: HttpRequest) -> HttpResponse:
    return HttpResponse(write(by=Actor.anonymous()))


@pytest.fixture
def browser(
    mercy: HospitalRecord, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Client]:
    views: dict[str, Any] = {"page": page, "json": as_json, "stream": stream, "late": late_stream, "writes": writes}
    routes = [path(f"t/{name}/", view) for name, view in views.items()]
    monkeypatch.setattr(config.urls, "urlpatterns", [*config.urls.urlpatterns, *routes])
    clear_url_caches()
    browser: Client = client_for(mercy)
    yield browser
    clear_url_caches()


@pytest.mark.security("S51")
@pytest.mark.parametrize("how", ["refused", "read only"])
@pytest.mark.parametrize("name", ["page", "json", "stream", "writes"])
def test_no_kind_of_answer_shows_what_could_not_be_recorded(
    browser: Client, mercy: HospitalRecord, how: str, name: str
) -> None:
    assert SECRET in body(browser.get(f"/t/{name}/"))
    with inside(mercy), without_events(how):
        answer = browser.get(f"/t/{name}/")
        assert answer.status_code == 503
        assert SECRET not in body(answer)
        assert answer.headers["Retry-After"]
    assert SECRET in body(browser.get(f"/t/{name}/"))


@pytest.mark.security("S51")
def test_a_stream_ends_where_its_read_could_not_be_recorded(browser: Client, mercy: HospitalRecord) -> None:
    with inside(mercy), without_events("refused"):
        answer: Any = browser.get("/t/late/")
        seen = []
        with pytest.raises(NotRecorded):
            for part in answer.streaming_content:
                seen.append(part)
        assert seen == [b"first\n"]
        answer.close()


@pytest.mark.security("S51")
@pytest.mark.parametrize("how", ["refused", "read only"])
def test_no_page_of_the_portal_shows_data_without_its_event(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client], how: str
) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    names = (here.patient.name.encode(), here.patient.given_name.encode())
    refused = 0
    for address in everywhere(here.hospital):
        if here.canary.encode() not in body(browser.get(address)):
            continue
        with inside(here.hospital), without_events(how):
            answer = browser.get(address)
            left = body(answer)
        if answer.status_code == 200:  # a page that shows its reader's own name and reads no record
            for name in names:
                left = left.replace(name, b"")
        assert here.canary.encode() not in left, address
        refused += answer.status_code == 503
    assert refused > 12


@pytest.mark.security("S51")
def test_a_task_whose_reads_cannot_be_recorded_fails_and_sounds_the_alarm(
    mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("foundation.audit.alarms.tell", lambda kind, *rest, **more: told.append(kind))

    @hospital_task(name="test.reads_something")
    def reads() -> None:
        audit.record("test.page_read", by=Actor.system("test"))

    with inside(mercy), without_events("refused"), pytest.raises(NotRecorded):
        with open_trail():
            reads()
    assert told == ["audit.write_failed"]


def test_the_alarm_of_a_shut_database_is_told_once_an_hour(
    browser: Client, mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.PORTICO_ALARM_MAIL = ("watch@vendor.example",)
    monkeypatch.setattr(alarm_mail, "_told", {})
    for _ in range(3):
        with inside(mercy), without_events("read only"):
            assert browser.get("/t/page/").status_code == 503
    (mail,) = mailoutbox
    assert "audit.write_failed" in mail.body


@pytest.mark.security("S51")
def test_an_action_that_cannot_be_recorded_is_not_done(mercy: HospitalRecord) -> None:
    with inside(mercy):
        with pytest.raises(NotRecorded), without_events("refused"):
            write(by=Actor.system("test"))
        assert not AuditEvent.objects.filter(kind="test.page_read", outcome="success").exists()

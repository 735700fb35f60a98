"""Each page that shows a patient's data leaves an event with that patient's id, and without the event shows nothing.

The cursor is watched, so that raw SQL counts: a request that reads a table of health data and leaves no event fails,
whether or not the page shows what was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.tenancy import inside
from tests.isolation.conftest import Twin
from tests.isolation.routes import body
from tests.isolation.test_same_hospital import everywhere

# Tables of health data. What a copy's row says (that somebody asked for one) is none.
TABLES = re.compile(r"\b(records_(?!recordexport)\w+|ehr_resource\w*)\b")
# Read for their own sake by requests that show none of it: how new the record is, and what was opened before.
NO_DATA = frozenset({"records_opening"})


@contextmanager
def watched() -> Iterator[set[str]]:
    """The tables of health data that are read while this lasts."""
    seen: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip()[:6].upper() in {"SELECT", "WITH"} or "SELECT" in sql:
            seen.update(set(TABLES.findall(sql)) - NO_DATA)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def events_about(twin: Twin, after: int) -> list[str]:
    with inside(twin.hospital):
        found = AuditEvent.objects.filter(id__gt=after, patient_id=twin.patient.pk, actor_id=twin.user.pk)
        return list(found.values_list("kind", flat=True))


def newest(twin: Twin) -> int:
    with inside(twin.hospital):
        return AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def test_the_tables_are_those_of_the_record() -> None:
    known = {model._meta.db_table for model in apps.get_app_config("records").get_models()}
    assert known - {"records_recordexport"} == {name for name in known if TABLES.fullmatch(name)}
    assert TABLES.search("FROM ehr_resource WHERE")
    assert not TABLES.search("FROM ehr_connection")


@pytest.mark.security("S50")
def test_each_page_with_a_patients_data_leaves_an_event(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client]
) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    shown, name = 0, here.patient.name.encode()
    for address in everywhere(here.hospital):
        before = newest(here)
        with watched() as tables:
            answer = browser.get(address)
        content = body(answer).replace(name, b"").replace(here.patient.given_name.encode(), b"")
        if tables or here.canary.encode() in content:
            assert events_about(here, before) or answer.status_code == 404, (address, tables)
            shown += here.canary.encode() in content
    assert shown > 12


@pytest.mark.security("S51")
def test_without_the_event_no_page_shows_data(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    pages = [a for a in everywhere(here.hospital) if here.canary.encode() in body(browser.get(a))]

    def fail(events: object) -> None:
        raise DatabaseError("the record is shut")

    monkeypatch.setattr("foundation.audit.trail.write", fail)
    refused = 0
    for address in pages:
        answer = browser.get(address)
        if answer.status_code == 200:  # a page that shows its reader's own name and reads no record
            left = body(answer).replace(here.patient.name.encode(), b"")
            left = left.replace(here.patient.given_name.encode(), b"")
            assert here.canary.encode() not in left, address
            continue
        assert answer.status_code == 503, address
        assert here.canary.encode() not in body(answer), address
        refused += 1
    assert refused > 12


@pytest.mark.security("S62")
def test_no_page_with_data_is_kept_by_a_browser_or_a_proxy(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client]
) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    for address in everywhere(here.hospital):
        answer = browser.get(address)
        if here.canary.encode() in body(answer):
            assert "no-store" in answer.headers["Cache-Control"], address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
            title = re.search(rb"<title>(.*?)</title>", body(answer))
            assert title is None or here.canary.encode() not in title.group(1), address
            assert here.canary not in address

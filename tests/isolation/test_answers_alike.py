"""What is nowhere, what is another person's and what is another hospital's get one answer, by one way."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.audit.models import AuditEvent
from foundation.tenancy import inside
from portal.access.models import Patient
from portal.records.models import Condition, RecordExport
from tests.isolation.conftest import Twin
from tests.isolation.routes import body, still
from tests.isolation.test_walk import one_id_routes
from tests.people import make_person

type Browsers = Callable[..., Client]
VALUES = re.compile(r"'[^']*'|\b\d+\b|\b[0-9a-f]{32}\b")


def way(browser: Client, address: str) -> tuple[int, bytes, list[str]]:
    """Status, page and the shape of every statement: what takes time is the same where these are."""
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(address)
    shapes = [VALUES.sub("?", one["sql"]) for one in asked.captured_queries]
    page = still(body(answer))
    for part in address.split("/"):
        if len(part) == 36:
            page = page.replace(part.encode(), b"ID")
    return answer.status_code, page, shapes


@pytest.mark.security("S16")
def test_another_hospitals_id_is_answered_like_one_that_is_nowhere(
    twins: tuple[Twin, Twin], client_for: Browsers
) -> None:
    """The other hospital's alone: a row that is there, and not here. Same page, same statements, so the same time."""
    here, there = twins
    with inside(there.hospital):
        export = RecordExport.objects.create(user=there.user, patient=there.patient).pk
        result = Condition.objects.values_list("pk", flat=True).first()
        patient = Patient.objects.create(fhir_id="alone", name="CANARY-ALONE", given_name="x").pk
    assert result is not None
    with inside(here.hospital):
        Condition.objects.filter(pk=result).delete()
    browser = client_for(here.hospital, here.user)
    browser.get("/records/")
    for theirs in (export, patient, result):
        for real, nowhere in zip(one_id_routes(theirs), one_id_routes(uuid4()), strict=True):
            for _once_to_warm in range(2):
                answers = way(browser, real), way(browser, nowhere)
            assert answers[0][0] == answers[1][0], real
            assert answers[0][1] == answers[1][1], real
            assert answers[0][2] == answers[1][2], real


@pytest.mark.security("S16")
@pytest.mark.security("S24")
def test_another_patients_id_is_answered_like_one_that_is_nowhere(
    twins: tuple[Twin, Twin], client_for: Browsers
) -> None:
    here, _there = twins
    with inside(here.hospital):
        ben = Patient.objects.create(fhir_id="ben", name="Ben", given_name="Ben")
        theirs = Condition.objects.values_list("pk", flat=True).first()
    assert theirs is not None
    browser = client_for(here.hospital, make_person(here.hospital, "ben", patient=ben))
    browser.get("/records/")
    for real, nowhere in zip(one_id_routes(theirs), one_id_routes(uuid4()), strict=True):
        assert way(browser, real)[:2] == way(browser, nowhere)[:2], real
    with inside(here.hospital):
        refused = AuditEvent.objects.filter(outcome="refused").values_list("reason", flat=True)
        assert "forbidden" not in set(refused)


@pytest.mark.security("S16")
def test_what_is_searched_is_searched_here_alone(twins: tuple[Twin, Twin], client_for: Browsers) -> None:
    """Whatever parameter a page may take: the other hospital's words find what nonsense of their length finds."""
    here, there = twins
    browser = client_for(here.hospital, here.user)
    nonsense = "x" * len(there.canary)
    for address in ("/", "/records/", "/results/", "/visits/", "/records/vitals/", "/account/"):
        for name in ("q", "search", "name", "query", "term", "of", "who"):
            pages = [
                still(body(browser.get(address, {name: word}))).replace(word.encode(), b"WORD")
                for word in (there.canary, nonsense)
            ]
            assert pages[0] == pages[1], (address, name)

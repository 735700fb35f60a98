"""The vendor's page of open alarms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from foundation import clock
from foundation.audit import rounds
from foundation.audit.alarms import open_alarms, raise_alarm
from foundation.audit.anchors import open_anchor
from foundation.audit.models import Alarm, AuditEvent, AuditVerified
from foundation.tenancy import HospitalRecord, inside, inside_public

type Browsers = Callable[..., Client]


@pytest.fixture
def victor(person: Callable[..., Any], client_for: Browsers, database: None) -> Client:
    return client_for(None, person(None, "victor", role="operator"))


def test_an_open_alarm_says_what_happened_who_reads_it_and_what_to_do(victor: Client) -> None:
    with inside_public():
        raise_alarm("audit.chain_broken", target="public 7", detail="changed")
        (alarm,) = open_alarms()
    listed = victor.get("/alarms/").content.decode()
    assert "The record of who looked at what was changed" in listed
    assert "Privacy officer" in listed
    page = victor.get(f"/alarms/{alarm.id}/").content.decode()
    assert "Keep the database as it is." in page
    assert "public 7" in page


def test_closing_an_alarm_asks_for_a_note_and_keeps_it(victor: Client) -> None:
    with inside_public():
        raise_alarm("clock.skew", target="database")
        (alarm,) = open_alarms()
    assert victor.post(f"/alarms/{alarm.id}/", {"note": ""}).status_code == 200
    answer = victor.post(f"/alarms/{alarm.id}/", {"note": "The time service was down."}, follow=True)
    assert b"The alarm is closed." in answer.content
    with inside_public():
        closed = Alarm.objects.get(id=alarm.id)
        assert (closed.note, closed.closed_by_name) == ("The time service was down.", "Victor")
        assert AuditEvent.objects.filter(kind="alarm.closed", actor_name="Victor").count() == 1
    assert victor.get(f"/alarms/{alarm.id}/").status_code == 404


def test_a_hospitals_alarm_is_seen_and_not_closed_here(victor: Client, mercy: HospitalRecord) -> None:
    with inside(mercy):
        raise_alarm("audit.chain_broken", target="h_mercy 3")
        (alarm,) = open_alarms()
    listed = victor.get("/alarms/").content.decode()
    assert "Mercy General Hospital" in listed
    assert victor.get(f"/alarms/{alarm.id}/").status_code == 404
    assert victor.post(f"/alarms/{alarm.id}/", {"note": "x"}).status_code == 404


def test_a_scheduler_that_stands_still_shows(victor: Client, mercy: HospitalRecord) -> None:
    rounds.anchor_everywhere(open_anchor())
    assert b"safe keeping" not in victor.get("/alarms/").content
    with inside(mercy):
        AuditVerified.objects.update(anchored_at=clock.now() - timedelta(hours=2))
    page = victor.get("/alarms/").content.decode()
    assert "not being put in safe keeping" in page
    assert "Mercy General Hospital" in page


def test_strangers_and_hospitals_do_not_see_it(
    client_for: Browsers, mercy: HospitalRecord, person: Callable[..., Any]
) -> None:
    assert client_for(None).get("/alarms/").status_code == 302
    assert client_for(mercy, person(mercy, "ada", role="admin")).get("/alarms/").status_code == 404

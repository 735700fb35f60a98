"""The privacy officer as a person: made by the command, with a start page and the hospital's alarms."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from foundation.audit import Actor
from foundation.audit.alarms import AlarmKind, alarm_kinds, open_alarms, raise_alarm
from foundation.audit.models import Alarm, AuditEvent
from foundation.audit.queries import Entry
from foundation.clock import now
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import Role, User
from portal.privacy.looks import Who, who_of
from portal.privacy.queries.own import BY_WHO
from tests.portal.privacy.conftest import People, Ward, parts, said

ALARMS = "/privacy/alarms/"


def test_the_command_makes_one(ward: Ward) -> None:
    out = StringIO()
    call_command("hospital", "person", "add", "mercy", "--role", "privacy_officer", "--username", "pat", stdout=out)
    assert "Set-up link" in out.getvalue()
    with inside(ward.hospital):
        made = User.objects.get(username="pat")
    assert made.roles == [Role.PRIVACY_OFFICER]
    assert made.is_staff_member


def test_the_start_page_leads_everywhere_and_says_how_much_waits(ward: Ward) -> None:
    ward.her.post("/account/looks/ask/", {"text": "Who was that?"})
    assert ward.officer.get("/")["Location"] == "/staff/"
    found = {said(entry) for entry in parts(ward.officer.get("/staff/").text, "//ul[@class='links']/li")}
    assert {"Looks", "Unusual", "Questions 1", "Alarms"} <= found


def test_the_navigation_holds_five_at_most(ward: Ward) -> None:
    assert 4 <= len(parts(ward.officer.get("/staff/").text, "//nav[@class='main-nav']//li")) <= 5


@pytest.fixture
def vendors_own() -> str:
    """A kind of alarm that is none of the hospital's."""
    kind = "test.vendors_own"
    if kind not in alarm_kinds:
        alarm_kinds.register(kind, AlarmKind("Only for the vendor", "Look at it.", frozenset({"operator"})))
    return kind


def test_an_alarm_says_what_happened_and_what_to_do_and_is_closed_with_a_note(ward: Ward, vendors_own: str) -> None:
    with inside(ward.hospital):
        raise_alarm("audit.chain_broken", target="4711")
        raise_alarm("audit.chain_broken", target="4711")
        raise_alarm(vendors_own)
        alarm = next(alarm for alarm in open_alarms() if alarm.target == "4711")
        other = next(alarm for alarm in open_alarms() if alarm.kind == vendors_own)
    page = ward.officer.get(ALARMS).text
    assert "The record of who looked at what was changed" in page
    assert "2 times" in page
    assert "Only for the vendor" not in page
    assert ward.officer.get(f"{ALARMS}{other.id}/").status_code == 404
    assert "What to do" in ward.officer.get(f"{ALARMS}{alarm.id}/").text
    assert "There is a problem" in ward.officer.post(f"{ALARMS}{alarm.id}/", {"note": " "}).text
    assert ward.officer.post(f"{ALARMS}{alarm.id}/", {"note": "A restore of Sunday."}).status_code == 302
    with inside(ward.hospital):
        closed = Alarm.objects.get(pk=alarm.id)
        assert (closed.note, closed.closed_by) == ("A restore of Sunday.", ward.priya.pk)
        assert AuditEvent.objects.filter(kind="alarm.closed", actor_id=ward.priya.pk).exists()
    assert "No alarm is open" in ward.officer.get(ALARMS).text
    assert ward.officer.get(f"{ALARMS}{alarm.id}/").status_code == 404


@pytest.mark.security("S22")
@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("clinician", 403), ("patient", 403)])
def test_alarms_are_for_officer_and_admin(
    mercy: HospitalRecord, role: str, status: int, person: People, client_for: Callable[..., Client]
) -> None:
    assert client_for(mercy, person(mercy, "somebody", role=role)).get(ALARMS).status_code == status


@pytest.mark.security("S1")
def test_another_hospital_s_alarms_are_not_seen(
    ward: Ward, riverside: HospitalRecord, person: People, client_for: Callable[..., Client]
) -> None:
    with inside(riverside):
        raise_alarm("audit.chain_broken", target="only-riverside")
        alarm = open_alarms()[0]
    assert "only-riverside" not in ward.officer.get(ALARMS).text
    assert ward.officer.post(f"{ALARMS}{alarm.id}/", {"note": "x"}).status_code == 404


ACTORS = (
    Actor("person", uuid4(), "A", "clinician"), Actor("person", uuid4(), "B", "admin"),
    Actor("person", uuid4(), "C", "privacy_officer"), Actor("person", uuid4(), "D", "front_desk"),
    Actor("person", uuid4(), "E", "patient"), Actor("person", uuid4(), "F", "proxy"),
    Actor("person", uuid4(), "G", "app"), Actor("person", uuid4(), "H", "operator"), Actor.system("synchronisation"),
    Actor.command("hospital sync"), Actor.anonymous(),
)  # fmt: skip


def entry_of(by: Actor) -> Entry:
    return Entry(1, now(), "result.read", by.kind, by.id, by.name, by.role, None, None, "", "", "success", "", None, "",
                 None, "")  # fmt: skip


def test_what_the_filters_find_is_what_the_lines_say(ward: Ward) -> None:
    """Each sort of viewer is found under the one filter that its line's words name."""
    for by in ACTORS:
        ward.look(by, "document.read")
    for who in BY_WHO:
        page = ward.her.get(f"/account/looks/?who={who}").text
        shown = [said(row) for row in parts(page, "//section[@class='day']//ul[@class='deeds']/li")]
        wanted = [by for by in ACTORS if who_of(entry_of(by), ward.alice.pk) is who]
        looks = parts(page, "//ul[@class='rows']/li[.//a[text()='Opened a document']]")
        assert len(looks) == len(wanted), (who, shown)
    assert {who_of(entry_of(by), None) for by in ACTORS} == set(Who) - {Who.YOU}

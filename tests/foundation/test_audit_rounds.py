"""The scheduled rounds: anchoring, verifying, comparing clocks; and the alarms that they raise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from foundation import clock
from foundation.audit import Actor, alarms, clocks, record, rounds, signing
from foundation.audit.alarms import close_alarm, open_alarms, raise_alarm
from foundation.audit.anchors import AnchorFailed, Place
from foundation.audit.anchors.file import FileAnchor
from foundation.audit.heads import Point, anchor_here, evidence, head_here, last_event
from foundation.audit.models import Alarm, AuditEvent, AuditVerified
from foundation.audit.verify import links, verify
from foundation.errors import NotFound
from foundation.registry import event_kinds, schedule
from foundation.tenancy import HospitalRecord, inside, inside_public, stand
from tests.foundation.test_audit_chain import attack, chained_anew, write

event_kinds.register("test.done", "Something was done")
VICTOR = Actor("person", uuid4(), "Victor", "operator")


@pytest.fixture
def anchor(tmp_path: Path, settings: Any) -> FileAnchor:
    settings.PORTICO_AUDIT_ANCHOR_FOLDER = tmp_path
    return FileAnchor(tmp_path)


class Broken:
    """A store whose disk is full."""

    def put(self, schema: str, sequence: int, signed: str) -> None:
        raise AnchorFailed("OSError")

    def places(self, schema: str, *, after: int = -1) -> Iterator[Place]:
        raise AnchorFailed("OSError")

    def get(self, schema: str, place: Place) -> str:
        raise AnchorFailed("OSError")


def opened(place: HospitalRecord | None = None) -> list[tuple[str, str]]:
    with inside(place) if place else inside_public():
        return [(one.kind, one.target) for one in open_alarms()]


@pytest.mark.security("S53")
def test_every_chain_is_anchored_and_an_unchanged_one_once(
    mercy: HospitalRecord, riverside: HospitalRecord, anchor: FileAnchor
) -> None:
    with inside(mercy):
        write(3)
    assert rounds.anchor_everywhere(anchor) == 3
    assert rounds.anchor_everywhere(anchor) == 0
    with inside(mercy):
        write(1)
    assert rounds.anchor_everywhere(anchor) == 1
    with inside(mercy):
        assert len(evidence(anchor, "h_mercy").heads) == 2
    assert opened() == []


def test_the_rounds_are_scheduled() -> None:
    assert {schedule.get(f"audit.{name}").seconds for name in ("anchor", "verify", "clocks")} == {300, 86400}


@pytest.mark.security("S53")
def test_a_chain_that_was_changed_is_an_alarm_that_names_its_readers(
    mercy: HospitalRecord, riverside: HospitalRecord, anchor: FileAnchor, settings: Any, mailoutbox: list[Any],
    on_commit_now: None,
) -> None:  # fmt: skip
    settings.PORTICO_ALARM_MAIL = ("watch@vendor.example",)
    with inside(mercy):
        write(5)
    rounds.anchor_everywhere(anchor)
    with inside(mercy):
        attack("UPDATE audit_event SET reason = 'x' WHERE id = 3")
    reports = rounds.verify_everywhere(anchor)
    assert [report.schema for report in reports if not report.good] == ["h_mercy"]
    assert opened(mercy) == [("audit.chain_broken", "h_mercy 3")]
    assert opened(riverside) == []
    with inside(mercy):
        (alarm,) = open_alarms()
    assert alarm.readers == ["operator", "privacy_officer"]
    assert "Event 3" in alarm.detail
    (mail,) = mailoutbox
    assert mail.to == ["watch@vendor.example"]
    assert "audit.chain_broken h_mercy 3" in mail.body
    assert "What to do" in mail.body
    rounds.verify_everywhere(anchor)
    with inside(mercy):
        assert [one.count for one in open_alarms()] == [2]
    assert len(mailoutbox) == 1


def test_the_people_who_read_alarms_get_mail(
    mercy: HospitalRecord, person: Callable[..., Any], mailoutbox: list[Any], on_commit_now: None
) -> None:
    with inside(mercy):
        person(mercy, "priya", role="privacy_officer", email="priya@example.org")
        person(mercy, "ada", role="admin", email="ada@example.org")
        raise_alarm("audit.chain_broken", target="h_mercy 3")
    with inside_public():
        person(None, "victor", role="operator", email="victor@example.org")
        raise_alarm("clock.skew", target="database")
    found = {(mail.subject, tuple(mail.to)) for mail in mailoutbox}
    assert {to for _subject, to in found} == {("priya@example.org",), ("victor@example.org",)}


@pytest.mark.security("S53")
def test_a_store_that_fails_is_an_alarm_and_the_hospital_hears_of_it_when_it_lasts(
    mercy: HospitalRecord, anchor: FileAnchor
) -> None:
    rounds.anchor_everywhere(anchor)
    rounds.anchor_everywhere(Broken())
    assert opened() == []
    with inside(mercy):
        write(1)
        AuditVerified.objects.update(anchored_at=clock.now() - timedelta(hours=1))
    rounds.anchor_everywhere(Broken())
    assert opened() == [("audit.anchor_failed", "")]
    assert opened(mercy) == [("audit.anchor_failed", "h_mercy")]


def test_a_scheduler_that_stands_still_is_noticed(mercy: HospitalRecord, anchor: FileAnchor) -> None:
    rounds.anchor_everywhere(anchor)
    assert rounds.late_places() == []
    with inside(mercy):
        AuditVerified.objects.update(anchored_at=clock.now() - timedelta(hours=1))
    assert [place.slug for place in rounds.late_places()] == ["mercy"]
    with inside(mercy):
        AuditVerified.objects.update(anchored_at=None)
        first = AuditEvent.objects.order_by("id").first()
        assert first
        attack("UPDATE audit_event SET at = at - interval '1 hour' WHERE id = %s", first.id)
    assert [place.slug for place in rounds.late_places()] == ["mercy"], "nor was it ever put there"
    with inside(mercy):
        attack("UPDATE audit_event SET at = at + interval '1 hour' WHERE id = %s", first.id)
        AuditVerified.objects.update(anchored_at=clock.now() - timedelta(hours=1))
    rounds.verify_everywhere(anchor)
    assert opened(mercy) == [("audit.anchor_failed", "h_mercy")]


@pytest.mark.security("S53")
def test_the_daily_look_goes_on_where_it_ended_and_comes_round_to_old_events(
    in_mercy: HospitalRecord, anchor: FileAnchor
) -> None:
    write(20)
    assert [report.good for report in rounds.verify_here(anchor)] == [True]
    write(5)
    last = head_here().sequence
    fresh, old = rounds.verify_here(anchor, size=10)
    assert (fresh.checked, old.began, old.checked) == (5, 1, 10)
    attack("UPDATE audit_event SET reason = 'x' WHERE id = 14")
    fresh, old = rounds.verify_here(anchor, size=10)
    assert fresh.good, "what is new is right"
    assert old.finding
    assert (old.finding.sequence, old.finding.code) == (14, "changed")
    state = AuditVerified.objects.get()
    assert (state.sequence, state.round_at) == (last, 0)


@pytest.mark.security("S57")
@pytest.mark.parametrize("days", [2, -2])
def test_a_clock_that_is_off_is_an_alarm(mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(clocks, "offset_of_time_service", lambda: None)
    monkeypatch.setattr(rounds, "offset_of_time_service", lambda: None)
    rounds.compare_clocks()
    assert opened() == []
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(days=days))
    assert abs(rounds.compare_clocks() - days * 86400) < 60
    assert opened() == [("clock.skew", "database")]


@pytest.mark.security("S57")
def test_the_time_services_own_word_counts(mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking = "D8EF2304,time.example,2,1700000000.1,{},-0.00001,0.00003,-7.1,-0.002,0.05,0.02,0.001,64.5,{}"
    good = clocks.read_tracking(tracking.format("0.0000123", "Normal"))
    assert good == clocks.TimeService("chrony", True, 0.0000123)
    for bad in (tracking.format("97.5", "Normal"), tracking.format("0.0", "Not synchronised")):
        monkeypatch.setattr(rounds, "offset_of_time_service", lambda bad=bad: clocks.read_tracking(bad))
        rounds.compare_clocks()
        assert opened() == [("clock.skew", "chrony")]
        with inside_public():
            Alarm.objects.update(closed_at=clock.now())
    assert clocks.read_tracking("506 Cannot talk to daemon") is None


@pytest.mark.security("S57")
def test_events_are_ordered_by_their_number_whatever_the_clock_says(
    in_mercy: HospitalRecord, anchor: FileAnchor, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = clock.now
    for days in (0, 2, -2):
        monkeypatch.setattr(clock, "now", lambda days=days: true() + timedelta(days=days))
        record("test.done", by=VICTOR, target=("at", str(days)))
    found = AuditEvent.objects.filter(kind="test.done").order_by("id").values_list("target_id", flat=True)
    assert list(found) == ["0", "2", "-2"]
    assert verify(anchor).good


# Alarms


def test_an_alarm_is_counted_until_somebody_closes_it_with_a_note(in_mercy: HospitalRecord) -> None:
    for _ in range(3):
        raise_alarm("task.forged", target="ehr.sync", detail="unsigned")
    (alarm,) = open_alarms()
    assert (alarm.kind, alarm.target, alarm.count) == ("task.forged", "ehr.sync", 3)
    close_alarm(by=VICTOR, alarm_id=alarm.id, note=" It was a test. ")
    assert open_alarms() == []
    closed = Alarm.objects.get()
    assert (closed.closed_by, closed.closed_by_name, closed.note) == (VICTOR.id, "Victor", "It was a test.")
    assert AuditEvent.objects.filter(kind="alarm.closed", target_id=str(alarm.id), actor_name="Victor").exists()
    with pytest.raises(NotFound):
        close_alarm(by=VICTOR, alarm_id=alarm.id, note="again")
    raise_alarm("task.forged", target="ehr.sync")
    assert [one.count for one in open_alarms()] == [1]


def test_an_alarm_never_fails_and_stands_in_public_where_nobody_stands(
    mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stand(None)
    raise_alarm("task.forged", target="x")
    stand(before)
    assert opened() == [("task.forged", "x")]
    told: list[str] = []
    monkeypatch.setattr(alarms, "RAISE", "SELECT broken")
    monkeypatch.setattr(alarms, "tell", lambda kind, *rest, **more: told.append(kind))
    with inside(mercy):
        raise_alarm("task.forged", target="y")
    assert told == ["task.forged"]
    with pytest.raises(KeyError):
        raise_alarm("never.registered")


# The command


def run(*words: str) -> str:
    out = StringIO()
    call_command("audit", *words, stdout=out)
    return out.getvalue()


@pytest.mark.security("S53")
def test_the_command_says_that_a_chain_is_right_or_names_the_first_bad_event(
    mercy: HospitalRecord, riverside: HospitalRecord, anchor: FileAnchor
) -> None:
    with inside(mercy):
        write(4)
    assert "anchored" in run("anchor", "--hospital", "mercy")
    assert "nothing new" in run("anchor", "--hospital", "mercy")
    assert "mercy: events 1 to" in run("verify", "--hospital", "mercy")
    assert len(run("verify").splitlines()) == 3
    with inside(mercy):
        attack("UPDATE audit_event SET reason = 'x' WHERE id = 3")
        chained_anew(3)
    with pytest.raises(CommandError, match="1 chain is not as written"):
        run("verify", "--all")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--hospital", "mercy", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["hospital"], said["good"], said["finding"]["code"]) == ("mercy", False, "rewritten")
    with pytest.raises(CommandError, match="no hospital 'nowhere'"):
        run("verify", "--hospital", "nowhere")


def test_the_public_key_checks_what_the_private_one_signed(in_mercy: HospitalRecord, settings: Any) -> None:
    key = json.loads(run("key"))
    assert "d" not in key
    text = signing.sign(head_here())
    settings.PORTICO_AUDIT_SECRET = "another secret, of the next year " * 2
    with pytest.raises(signing.BadSignature):
        signing.read(text)
    settings.PORTICO_AUDIT_PUBLIC_KEYS = (key["x"],)
    assert signing.read(text).schema == "h_mercy"


@pytest.mark.security("S53")
def test_what_a_restore_lost_is_accepted_once_and_told_for_ever(in_mercy: HospitalRecord, anchor: FileAnchor) -> None:
    write(10)
    anchor_here(anchor)
    last = last_event().sequence
    write(10)
    anchor_here(anchor)
    attack("DELETE FROM audit_event WHERE id > %s", last)  # as the backup had it
    attack("UPDATE audit_head SET sequence = 0, hash = %s", bytes(32))
    assert not verify(anchor).good
    said = run("accept", "--hospital", "mercy", "--note", "restore of the morning")
    assert f"goes on from event {last}" in said
    write(20)
    anchor_here(anchor)
    report = verify(anchor)
    assert report.good, report.finding
    assert str(last) in report.notes[0]
    assert verify(anchor, start=Point(last, next(links(last - 1, last)).hash or b"")).good
    assert AuditEvent.objects.get(kind="audit.break_accepted").reason == "restore of the morning"
    attack("DELETE FROM audit_event WHERE id > %s", last)
    assert not verify(anchor).good, "what was anchored since is evidence as ever"
    attack("DELETE FROM audit_event WHERE id > %s", last - 3)
    assert not verify(anchor).good

"""What leaves an event, and that nobody takes it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from foundation.actions import about, action
from foundation.audit import Actor, Where, flush, open_trail, record
from foundation.audit.models import AuditEvent
from foundation.database import as_owner
from foundation.errors import Conflict
from foundation.registry import event_kinds
from foundation.tenancy import HospitalRecord

BY = Actor("person", uuid4(), "Alice", "patient")
event_kinds.register("test.done", "Something was done")


@action(event="test.done")
def do(*, by: Actor, patient_id: object = None, fail: str = "") -> str:
    about(target=("thing", "7"), count=2)
    if fail == "refusal":
        raise Conflict
    if fail == "error":
        raise ZeroDivisionError
    return "done"


@pytest.mark.security("S50")
def test_an_action_leaves_one_event_with_who_whose_and_what(in_mercy: HospitalRecord) -> None:
    patient = uuid4()
    with open_trail(Where("req-1", "203.0.113.9", "Browser")):
        assert do(by=BY, patient_id=patient) == "done"
    event = AuditEvent.objects.get(kind="test.done")
    assert (event.actor_id, event.actor_role, event.patient_id) == (BY.id, "patient", patient)
    assert (event.target_type, event.target_id, event.item_count, event.outcome) == ("thing", "7", 2, "success")
    assert (event.request_id, event.address, event.agent) == ("req-1", "203.0.113.9", "Browser")


@pytest.mark.parametrize(
    ("fail", "outcome", "reason"), [("refusal", "refused", "conflict"), ("error", "failed", "ZeroDivisionError")]
)
def test_a_refused_or_failed_action_leaves_an_event_too(
    in_mercy: HospitalRecord, fail: str, outcome: str, reason: str
) -> None:
    with pytest.raises((Conflict, ZeroDivisionError)), open_trail():
        try:
            do(by=BY, fail=fail)
        finally:
            flush()
    event = AuditEvent.objects.get(kind="test.done")
    assert (event.outcome, event.reason) == (outcome, reason)


def test_an_action_without_an_actor_is_refused() -> None:
    with pytest.raises(TypeError):
        do(by="alice")  # type: ignore[arg-type]
    with pytest.raises(TypeError):

        @action(event="test.done")
        def positional(by: Actor) -> None: ...


def test_a_requests_events_are_one_statement(in_mercy: HospitalRecord, django_assert_num_queries: object) -> None:
    assert AuditEvent.objects.filter(kind="test.done").count() == 0
    with django_assert_num_queries(1), open_trail():  # type: ignore[operator]
        for _ in range(5):
            record("test.done", by=BY)
    assert AuditEvent.objects.filter(kind="test.done").count() == 5


def test_an_event_of_an_unknown_kind_is_refused(in_mercy: HospitalRecord) -> None:
    with pytest.raises(LookupError):
        record("test.unheard_of", by=BY)


CHANGES = [
    "UPDATE audit_event SET kind = 'x'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "DROP TABLE audit_event",
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_chain ON audit_event",
    "CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "UPDATE audit_head SET sequence = 0",
    "DELETE FROM audit_head",
    "INSERT INTO audit_checkpoint VALUES (9, '', 9, now(), '')",
    "DELETE FROM audit_alarm",
]


@pytest.mark.security("S52")
@pytest.mark.parametrize("sql", CHANGES)
def test_the_hospitals_role_can_change_nothing_of_the_record(in_mercy: HospitalRecord, sql: str) -> None:
    record("test.done", by=BY)
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert AuditEvent.objects.filter(kind="test.done").count() == 1


@pytest.mark.security("S52")
@pytest.mark.parametrize("sql", CHANGES[:3])
def test_the_owner_is_refused_by_the_trigger(in_mercy: HospitalRecord, sql: str) -> None:
    record("test.done", by=BY)
    with pytest.raises(DatabaseError, match="append-only"):
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert AuditEvent.objects.filter(kind="test.done").count() == 1


def test_the_switch_of_the_old_events_end_opens_nothing_for_the_hospitals_role(in_mercy: HospitalRecord) -> None:
    record("test.done", by=BY)
    with pytest.raises(DatabaseError, match="permission denied"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL portico.audit_retention = 'on'")
            cursor.execute("DELETE FROM audit_event")


def test_only_the_measurement_can_switch_the_record_off(settings: Any) -> None:
    root = Path(__file__).parents[2]
    naming = {p.name for p in root.glob("platform/**/*.py") if "unaudited" in p.read_text()}
    assert naming == {"audit.py", "unaudited.py", "bench_unaudited.py"}
    with pytest.raises(ImproperlyConfigured):
        import_string("config.bench.unaudited.without_events")(lambda request: None)

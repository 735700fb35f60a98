"""The watch over reads of health data catches what it is there for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from foundation.audit import Actor, open_trail, record
from foundation.clock import today, uuid7
from foundation.personal import health_tables
from foundation.registry import event_kinds
from foundation.tenancy import HospitalRecord, hospital_zone
from portal.access.models import Patient
from portal.ehr.models import Connection, Resource
from portal.records.models import Condition
from tests.completeness import ALLOWED, completeness, planted, tables

event_kinds.register("test.done", "Something was done")
BY = Actor("person", uuid4(), "Alice", "patient")


@pytest.fixture
def patients(in_mercy: HospitalRecord) -> tuple[UUID, UUID]:
    """Two patients with a problem each."""
    made = []
    for name in ("Alice", "Ben"):
        patient = Patient.objects.create(fhir_id=name, name=name, given_name=name)
        Condition.objects.create(
            id=uuid7(),
            source_id=uuid7(),
            patient_id=patient.id,
            title="CANARY",
            sort_day=today(hospital_zone()),
            detail={},
        )
        made.append(patient.id)
    return made[0], made[1]


def raw(sql: str, *parameters: Any) -> Callable[[], object]:
    def read() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall()

    return read


def beneath(sql: str) -> Callable[[], object]:
    """Past Django, at psycopg's own connection."""
    return lambda: connection.connection.execute(sql).fetchall()


LEAKS: dict[str, Callable[[], object]] = {
    "the ORM's": lambda: list(Condition.objects.all()),
    "the ORM's values": lambda: list(Condition.objects.values("title", "patient_id")),
    "the ORM's iterator, a cursor of the server's": lambda: list(Condition.objects.iterator()),
    "raw SQL": raw("SELECT patient_id, title FROM records_condition"),
    "raw SQL with a comment": raw("-- a comment\nselect * from records_condition"),
    "raw SQL with a common table": raw("WITH x AS (SELECT * FROM records_condition) SELECT * FROM x"),
    "past Django": beneath("SELECT patient_id FROM records_condition"),
    "an update that gives back": raw("UPDATE records_condition SET status = 'x' RETURNING patient_id, title"),
}
NAMELESS: dict[str, Callable[[], object]] = {
    "without a patient": raw("SELECT title FROM records_condition"),
    "a count": lambda: Condition.objects.count(),
    "whether there is one": lambda: Condition.objects.exists(),
    "json": raw("SELECT json_agg(c) FROM records_condition c"),
    "past Django": beneath("SELECT title FROM records_condition"),
}


@pytest.mark.security("S50")
@pytest.mark.parametrize("leak", LEAKS)
def test_a_read_that_no_event_names_is_caught(patients: tuple[UUID, UUID], leak: str) -> None:
    with planted() as found, open_trail():
        LEAKS[leak]()
        record("test.done", by=BY, patient_id=patients[0])
    assert {one for gap in found for one in gap.patients} == {patients[1]}, "the other one has an event"


@pytest.mark.security("S50")
@pytest.mark.parametrize("leak", NAMELESS)
def test_a_read_that_names_nobody_is_caught(patients: tuple[UUID, UUID], leak: str) -> None:
    with planted() as found, open_trail():
        NAMELESS[leak]()
        record("test.done", by=BY, patient_id=patients[0])
    assert [(gap.why, gap.tables) for gap in found] == [
        ("A read of health data that names no patient", ("records_condition",))
    ]
    assert "test_completeness.py" in found[0].where


@pytest.mark.security("S50")
def test_an_event_that_was_written_in_between_counts_and_one_of_another_trail_does_not(
    patients: tuple[UUID, UUID],
) -> None:
    from foundation.audit import flush

    with planted() as found:
        with open_trail():
            record("test.done", by=BY, patient_id=patients[0])
            flush()
            raw("SELECT title FROM records_condition WHERE patient_id = %s", patients[0])()
        assert found == []
        with open_trail():
            raw("SELECT title FROM records_condition WHERE patient_id = ANY(%s)", list(patients))()
            with open_trail():
                record("test.done", by=BY, patient_id=patients[1])
    assert {one for gap in found for one in gap.patients} == set(patients)


@pytest.mark.security("S50")
def test_health_data_that_is_copied_out_is_caught(patients: tuple[UUID, UUID]) -> None:
    with planted() as found, open_trail(), connection.cursor() as cursor:
        with cursor.copy("COPY (SELECT * FROM records_condition) TO STDOUT") as copy:
            assert b"CANARY" in b"".join(map(bytes, copy))
    assert len(found) == 1


def test_what_nobody_reads_and_what_says_nothing_is_no_gap(patients: tuple[UUID, UUID]) -> None:
    held = Connection.objects.create(kind="memory", base_url="memory://x")
    with planted() as found, open_trail():
        raw("SELECT title FROM records_condition WHERE patient_id = %s", uuid4())()
        raw("SELECT name FROM access_patient")()
        Resource.objects.create(
            id=uuid7(), connection=held, type="Organization", fhir_id="1", body={}, content_hash=b""
        )
    assert found == []


@pytest.fixture
def watched() -> Iterator[None]:
    before = completeness.watched
    yield
    assert completeness.watched > before


def test_every_table_of_health_data_is_watched(watched: None, patients: tuple[UUID, UUID]) -> None:
    pattern, columns = tables()
    assert len(health_tables()) > 10
    assert all(pattern.fullmatch(name) for name in health_tables())
    assert "patient_id" in columns
    with planted(), open_trail():
        raw("SELECT title FROM records_condition")()


def test_the_exceptions_are_few_and_each_has_its_reason() -> None:
    assert len(ALLOWED) <= 10
    assert all(len(reason) > 20 for reason in ALLOWED.values())

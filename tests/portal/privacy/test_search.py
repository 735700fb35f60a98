"""The privacy officer's search of the record: what it finds, what it leaves behind, who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.audit import Actor, Where
from foundation.audit.models import AuditEvent
from foundation.audit.queries import Cursor, Search, count, find
from foundation.clock import now
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.privacy.forms import SearchForm
from portal.privacy.queries.review import PAGE, used
from tests.portal.privacy.conftest import People, Ward, actor_of, look, make_patient, parts, said

EVENTS = "/privacy/looks/"


def search(ward: Ward, **fields: str) -> str:
    """The page that a posted search leads to."""
    answer = ward.officer.post(EVENTS, fields)
    assert answer.status_code == 302, answer.text[:3000]
    return str(ward.officer.get(answer["Location"]).text)


def listed(page: str) -> list[str]:
    return [said(row) for row in parts(page, "//table//tbody/tr")]


def noted(ward: Ward, kind: str) -> list[AuditEvent]:
    with inside(ward.hospital):
        return list(AuditEvent.objects.filter(kind=kind).order_by("id"))


def test_it_begins_with_the_last_seven_days(ward: Ward) -> None:
    ward.look()
    ward.look(kind="visit.read", at=now() - timedelta(days=9))
    rows = listed(ward.officer.get(EVENTS).text)
    assert any("Dr. Lin Chen Clinician A result was opened Alice Moreno" in row for row in rows)
    assert not any("A visit was opened" in row for row in rows)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"name": "lin"}, True), ({"name": "CHEN"}, True), ({"name": "ada"}, False), ({"name": "%"}, False),
        ({"kind": "result.read"}, True), ({"kind": "visit.read"}, False),
        ({"outcome": "success", "text": "req-77"}, True),
        ({"outcome": "refused"}, False), ({"address": "203.0.113.7"}, True), ({"address": "203.0.113.0/24"}, True),
        ({"address": "2001:db8::/32"}, False), ({"text": "req-77"}, True), ({"text": "req-7"}, False),
        ({"text": "thing-1"}, True), ({"since": "2026-11-20", "until": "2026-11-20"}, True),
        ({"since": "2026-11-21"}, False), ({"until": "2026-11-19"}, False),
        ({"name": "lin", "kind": "result.read", "outcome": "success", "address": "203.0.113.7"}, True),
    ],
)  # fmt: skip
def test_it_finds_by_each_field(ward: Ward, fields: dict[str, str], found: bool) -> None:
    """22:30 in New York is the next day in UTC: days are the hospital's."""
    ward.look(at=datetime(2026, 11, 21, 3, 30, tzinfo=UTC), where=Where("req-77", "203.0.113.7", "Firefox"),
              target=("result", "thing-1"))  # fmt: skip
    rows = listed(search(ward, **fields))
    assert any("Dr. Lin Chen" in row and "A result was opened" in row for row in rows) is found


def test_ids_of_people_patients_and_events_are_found(ward: Ward) -> None:
    ward.look()
    with inside(ward.hospital):
        number = AuditEvent.objects.filter(actor_id=ward.chen.pk).latest("id").id
    for text in (str(ward.chen.pk), str(ward.patient.pk), str(ward.chen.pk).upper(), str(number)):
        assert any("Dr. Lin Chen" in row for row in listed(search(ward, text=text))), text
    assert not listed(search(ward, text=str(uuid4())))


@pytest.mark.parametrize("field", [{"address": "no"}, {"address": "10.0.0.0/99"}, {"since": "x"}, {"kind": "none"}])
def test_what_cannot_be_searched_is_said_at_its_field(ward: Ward, field: dict[str, str]) -> None:
    answer = ward.officer.post(EVENTS, field)
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert "<title>Error:" in answer.text


@pytest.mark.parametrize("hostile", ["'; DROP TABLE audit_event; --", "\\", "%s", "{}", "\u202e", "' OR 1=1 --"])
def test_no_search_is_more_than_a_search(ward: Ward, hostile: str) -> None:
    ward.look()
    assert listed(search(ward, name=hostile)) == []
    assert listed(search(ward, text=hostile)) == []


@pytest.mark.security("S63")
def test_no_address_says_what_was_searched_for(ward: Ward) -> None:
    answer = ward.officer.post(EVENTS, {"name": "Alice Moreno", "address": "203.0.113.7"})
    assert re.fullmatch(r"/privacy/looks/\?search=[0-9a-f]{8}", answer["Location"])
    found = ward.officer.post("/privacy/patients/", {"called": "Moreno"})
    assert re.fullmatch(r"/privacy/patients/\?search=[0-9a-f]{8}", found["Location"])


@pytest.mark.security("S50")
def test_a_search_is_in_the_record_itself_without_what_was_typed(ward: Ward) -> None:
    ward.look()
    search(ward, name="Dr. Lin Chen", outcome="success")
    event = noted(ward, "audit.searched")[-1]
    assert (event.actor_id, event.target_id, event.item_count) == (ward.priya.pk, "actor_name,outcome", 1)
    assert "Chen" not in f"{event.target_id} {event.reason} {event.actor_name}"


@pytest.mark.security("S50")
def test_opening_one_patient_s_looks_names_the_patient(ward: Ward) -> None:
    ward.look()
    number = noted(ward, "result.read")[-1].id
    for path in (f"{EVENTS}?patient={ward.patient.pk}", f"{EVENTS}{number}/", f"/privacy/patients/{ward.patient.pk}/"):
        before = len(noted(ward, "audit.viewed"))
        assert ward.officer.get(path).status_code == 200
        after = noted(ward, "audit.viewed")
        assert len(after) == before + 1, path
        assert after[-1].patient_id == ward.patient.pk
    assert "Priya Nair" in ward.her.get("/account/looks/").text


def test_an_event_says_all_that_is_known_of_it(ward: Ward) -> None:
    ward.look(target=("result", "thing-1"), reason="why not", count=3, on_behalf_of=ward.priya.pk)
    number = noted(ward, "result.read")[-1].id
    page = ward.officer.get(f"{EVENTS}{number}/").text
    for part in ("Dr. Lin Chen", "Alice Moreno", "thing-1", "why not", "Priya Nair", "203.0.113.7", "req-1",
                 "result.read",
                 "Firefox on Windows"):  # fmt: skip
        assert part in page, part
    assert ward.officer.get(f"{EVENTS}999999999/").status_code == 404


def test_each_event_is_on_one_page_once(ward: Ward) -> None:
    same = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for number in range(PAGE + 9):
        ward.look(Actor("person", uuid4(), f"Nurse {number}", "clinician"), at=same)
    with inside(ward.hospital):
        first = find(Search(actor_name="nurse"), limit=PAGE)
        rest = find(Search(actor_name="nurse"), before=first.older, limit=PAGE)
        assert count(Search(actor_name="nurse")) == PAGE + 9
        assert count(Search(actor_name="nurse"), most=5) == 5
    names = [entry.actor_name for entry in (*first.entries, *rest.entries)]
    assert names == [f"Nurse {n}" for n in reversed(range(PAGE + 9))]
    assert rest.older is None
    assert Cursor.read(str(first.older)) == first.older


def test_a_page_takes_the_same_few_statements_however_many_patients_are_on_it(ward: Ward) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ward.officer.get(EVENTS).status_code == 200
        return len(asked)

    ward.look()
    statements()
    few = statements()
    for number in range(30):
        other = make_patient(ward.hospital, f"q{number}", f"Somebody {number}")
        look(ward.hospital, actor_of(ward.chen), other.pk)
    assert statements() == few


def test_patients_are_found_by_name_and_number(ward: Ward) -> None:
    make_patient(ward.hospital, "p2", "Frank Hill")
    for called, found in (("alice", True), ("MORENO alice", True), ("M-1001", True), ("hill", False), ("", False)):
        answer = ward.officer.post("/privacy/patients/", {"called": called})
        page = ward.officer.get(answer["Location"]).text
        assert (f"/privacy/patients/{ward.patient.pk}/" in page) is found, called
    assert noted(ward, "patients.searched")


@pytest.mark.security("S22")
@pytest.mark.parametrize("role", ["patient", "clinician", "admin"])
def test_the_search_is_the_officer_s_alone(
    ward: Ward, role: str, person: People, client_for: Callable[..., Client]
) -> None:
    browser = client_for(ward.hospital, person(ward.hospital, "somebody", role=role))
    for path in (EVENTS, f"{EVENTS}1/", "/privacy/patients/", f"/privacy/patients/{ward.patient.pk}/",
                 f"/privacy/patients/{ward.patient.pk}/flag/", f"/privacy/patients/{ward.patient.pk}/given/",
                 f"/privacy/patients/{ward.patient.pk}/given/file.csv", "/privacy/unusual/"):  # fmt: skip
        assert browser.get(path).status_code == 403, path
    for path in (f"{EVENTS}export/", "/privacy/unusual/run/", f"/privacy/patients/{ward.patient.pk}/flag/end/"):
        assert browser.post(path).status_code == 403, path


@pytest.mark.security("S1")
def test_another_hospital_s_events_and_patients_are_not_found(
    ward: Ward, riverside: HospitalRecord, person: People, client_for: Callable[..., Client]
) -> None:
    with inside(riverside):
        Patient.objects.create(id=ward.patient.pk, fhir_id="p1001", name="Eve Lind")
    other = person(riverside, "priya", name="Nora Feld", role="privacy_officer")
    ward.look()
    browser = client_for(riverside, other)
    for path in (EVENTS, f"{EVENTS}?patient={ward.patient.pk}", f"/privacy/patients/{ward.patient.pk}/"):
        page = browser.get(path).text
        assert "Dr. Lin Chen" not in page, path
        assert "Alice Moreno" not in page, path
    moved = client_for(ward.hospital)
    moved.cookies = browser.cookies
    assert moved.get(EVENTS).status_code == 302


def test_a_search_says_which_fields_it_used() -> None:
    assert used(Search()) == ""
    assert used(Search(actor_name="x", numbers=(1,))) == "actor_name,numbers"


def test_every_field_of_the_form_is_searched(in_mercy: HospitalRecord) -> None:
    given: dict[str, Any] = {
        "name": "x", "patient": str(uuid4()), "kind": "result.read", "outcome": "success", "since": "2026-01-01",
        "until": "2026-01-02", "address": "10.0.0.1", "text": "y",
    }  # fmt: skip
    form = SearchForm(given)
    assert form.is_valid(), form.errors
    assert set(given) == set(form.fields)
    made = form.search()
    assert len(used(made).split(",")) == len(given)
    assert (made.until, made.since) == (
        datetime(2026, 1, 3, 5, tzinfo=UTC), datetime(2026, 1, 1, 5, tzinfo=UTC)
    )  # fmt: skip

"""Who looked at my record: every look of everybody is on the patient's page, in words, and nobody else's is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.permissions import PatientRef, Viewer
from foundation.registry import event_kinds, event_meanings
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.accounts.models import User
from portal.privacy.queries.own import PAGE
from portal.privacy.words import device_words, meaning_of
from portal.records.queries.reading import opened_by
from tests.portal.privacy.conftest import People, Ward, actor_of, look, make_patient, parts, said

LOOKS = "/account/looks/"


def words(page: str) -> str:
    return said(parts(page, "//main")[0])


def rows(page: str) -> list[str]:
    return [said(row) for row in parts(page, "//section[@class='day']/ul/li")]


@pytest.mark.security("S56")
def test_a_look_by_staff_is_on_the_patient_s_page(ward: Ward) -> None:
    """Through the record's own gate, as pages for staff will use it: who looks cannot leave the line out."""
    chen = Viewer(ward.chen.pk, actor_of(ward.chen), frozenset({"clinician"}), verified=True,
                  patient=PatientRef(ward.patient.pk, ward.patient.name, "Alice", None))  # fmt: skip
    with inside(ward.hospital):
        opened_by(chen, "result.read", ("result", str(uuid4())))
    page = ward.her.get(LOOKS).text
    assert rows(page)[0].startswith("Dr. Lin Chen Clinician Opened a test result")
    assert "1 person other than you looked at it" in words(page)


@pytest.mark.security("S56")
def test_staff_family_apps_the_vendor_and_jobs_are_all_on_it(ward: Ward, person: People) -> None:
    ben = person(ward.hospital, "ben", name="Ben Moreno", patient=ward.patient)
    ward.look()
    ward.look(actor_of(ben), "visit.read")
    ward.look(Actor("person", uuid4(), "Steps and Sleep", "app"), "record.read")
    ward.look(Actor("person", uuid4(), "Victor Hale", "operator"), "document.read")
    ward.look(Actor.system("synchronisation"), "record.synchronised")
    ward.look(Actor.command("hospital sync"), "record.synchronised")
    ward.look(Actor.anonymous(), "record.read", outcome="refused", reason="not_found")
    found = "\n".join(rows(ward.her.get(LOOKS).text))
    for line in (
        "Dr. Lin Chen Clinician Opened a test result",
        "Ben Moreno Family or helper Opened a visit",
        "Steps and Sleep App Opened a part of your record",
        "Victor Hale Works for the company that runs this portal Opened a document",
        "The portal by itself Keeps your record up to date Brought new data from the hospital’s record system",
        "The company that runs this portal Brought new data",
        "Somebody who was not signed in Tried to open a part of your record",
    ):
        assert line in found, line


def test_one_s_own_looks_stand_on_a_page_of_their_own(ward: Ward) -> None:
    ward.look()
    ward.look(actor_of(ward.alice), "visit.read")
    others, own = ward.her.get(LOOKS).text, ward.her.get(f"{LOOKS}?of=me").text
    assert "Opened a visit" not in words(others)
    assert any("Opened a visit" in row and "Firefox on Windows" in row for row in rows(own))
    assert "Dr. Lin Chen" not in own


def test_a_look_that_was_turned_away_is_said_so(ward: Ward) -> None:
    ward.look(outcome="refused", reason="not_found")
    row = rows(ward.her.get(LOOKS).text)[0]
    assert "Tried to open a test result" in row
    assert "Was turned away" in row
    assert "Opened a test result" not in row


def test_on_whose_behalf_and_why_are_said(ward: Ward) -> None:
    ward.look(on_behalf_of=ward.priya.pk, reason="Asked by the patient at the desk")
    row = rows(ward.her.get(LOOKS).text)[0]
    assert "On behalf of Priya Nair" in row
    assert "Reason: Asked by the patient at the desk" in row


def test_looks_alike_that_follow_each_other_are_one_line(ward: Ward) -> None:
    for minute in (1, 4, 9):
        ward.look(at=datetime(2026, 11, 20, 15, minute, tzinfo=UTC))
    ward.look(kind="visit.read", at=datetime(2026, 11, 20, 15, 30, tzinfo=UTC))
    (found,) = rows(ward.her.get(f"{LOOKS}?who=staff").text)
    assert found.index("Opened a visit") < found.index("Opened a test result")
    assert re.search(r"Opened a test result 3 times, 10:01\sam to 10:09\sam", found)


@pytest.mark.parametrize(("slug", "day"), [("mercy", "Friday, November 20"), ("riverside", "Thursday, November 19")])
def test_days_are_the_hospital_s_own(
    slug: str,
    day: str,
    mercy: HospitalRecord,
    riverside: HospitalRecord,
    person: People,
    client_for: Callable[..., Client],
) -> None:
    """06:30 in UTC is still the day before in Los Angeles."""
    hospital = {"mercy": mercy, "riverside": riverside}[slug]
    patient = make_patient(hospital, "p1", "Ben Gray")
    user = person(hospital, "ben", patient=patient)
    look(
        hospital,
        Actor("person", uuid4(), "Dr. Wu", "clinician"),
        patient.pk,
        at=datetime(2026, 11, 20, 6, 30, tzinfo=UTC),
    )
    page = client_for(hospital, user).get(f"{LOOKS}?who=staff").text
    assert day in said(parts(page, "//section[@class='day']//h2")[0])


def test_it_is_filtered_by_who_and_when(ward: Ward) -> None:
    ward.look(at=now() - timedelta(days=200))
    ward.look(Actor.system("synchronisation"), "record.synchronised")
    assert len(rows(ward.her.get(f"{LOOKS}?who=staff").text)) == 1
    assert len(rows(ward.her.get(f"{LOOKS}?who=automatic").text)) >= 1
    page = ward.her.get(f"{LOOKS}?who=staff&time=month").text
    assert rows(page) == []
    assert "Nothing of this kind" in page
    assert ward.her.get(f"{LOOKS}?who=nobody").status_code == 404
    assert ward.her.get(f"{LOOKS}?time=never").status_code == 404


@pytest.mark.parametrize("cursor", ["x", "2026_1", "2026-11-20T10:00:00+00:00_", "2026-11-20T10:00:00_4", "_", "a_b"])
def test_a_cursor_that_is_none_finds_nothing(ward: Ward, cursor: str) -> None:
    assert ward.her.get(LOOKS, {"before": cursor}).status_code == 404


def test_every_look_is_on_one_page_or_another_once(ward: Ward) -> None:
    people = [Actor("person", uuid4(), f"Nurse {n}", "clinician") for n in range(2 * PAGE + 7)]
    same = datetime(2026, 11, 19, 12, tzinfo=UTC)
    for number, nurse in enumerate(people):
        ward.look(nurse, at=same + timedelta(seconds=number // 5))  # several at one moment: the number decides
    seen: list[str] = []
    path = LOOKS
    while path:
        page = ward.her.get(path).text
        seen += re.findall(r"<h3><bdi>(Nurse \d+)</bdi></h3>", page)
        older = re.search(r'href="(\?[^"]*before=[^"]+)"', page)
        path = LOOKS + older[1].replace("&amp;", "&") if older else ""
    assert seen == [nurse.name for nurse in reversed(people)]


def test_it_takes_few_statements_however_much_there_is(ward: Ward) -> None:
    for number in range(40):
        ward.look(Actor("person", uuid4(), f"Nurse {number}", "clinician"), on_behalf_of=ward.priya.pk)
    ward.her.get(LOOKS)
    with CaptureQueriesContext(connection) as asked:
        assert ward.her.get(LOOKS).status_code == 200
    own = [q["sql"] for q in asked if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SET", "SELECT set_config"))]
    assert len(own) <= 10, own


@pytest.mark.security("S56")
def test_another_patient_s_looks_are_nobody_else_s(ward: Ward) -> None:
    other = make_patient(ward.hospital, "p2", "Frank Hill")
    look(ward.hospital, Actor("person", uuid4(), "Dr. Somebody", "clinician"), other.pk)
    with inside(ward.hospital):
        theirs = AuditEvent.objects.filter(patient_id=other.pk).latest("id").id
    assert "Dr. Somebody" not in ward.her.get(LOOKS).text
    assert ward.her.get(f"{LOOKS}{theirs}/").status_code == 404
    assert ward.her.post(f"{LOOKS}{theirs}/", {"text": "Why?"}).status_code == 404


@pytest.mark.security("S1")
def test_another_hospital_s_looks_are_on_no_page(
    ward: Ward, riverside: HospitalRecord, person: People, client_for: Callable[..., Client]
) -> None:
    """Same key of the patient in both: only the wall tells them apart."""
    with inside(riverside):
        twin = Patient.objects.create(id=ward.patient.pk, fhir_id="p1001", name="Eve Lind")
    eve = person(riverside, "eve", patient=twin)
    look(riverside, Actor("person", uuid4(), "CANARY-RIVERSIDE", "clinician"), twin.pk)
    ward.look()
    assert "CANARY-RIVERSIDE" not in ward.her.get(LOOKS).text
    theirs = client_for(riverside, eve).get(LOOKS).text
    assert "CANARY-RIVERSIDE" in theirs
    assert "Dr. Lin Chen" not in theirs
    assert "CANARY-RIVERSIDE" not in ward.officer.get("/privacy/looks/").text


def test_looks_at_a_record_that_was_joined_to_this_one_are_on_it(ward: Ward) -> None:
    old = make_patient(ward.hospital, "p1001-old", "Alice Moreno", merged_into=ward.patient)
    look(ward.hospital, actor_of(ward.chen), old.pk, "report.read")
    assert "Opened a report" in words(ward.her.get(LOOKS).text)


@pytest.mark.security("S55")
def test_no_name_of_a_test_or_anything_else_of_the_record_is_on_it(ward: Ward) -> None:
    """What an event names beside people is shown as no more than its kind."""
    ward.look(target=("result", "not-for-patients"), reason="code_of_something")
    page = ward.her.get(LOOKS).text
    assert "not-for-patients" not in page
    assert "code_of_something" not in page


def test_looking_at_the_list_is_a_look_itself(ward: Ward) -> None:
    ward.her.get(LOOKS)
    with inside(ward.hospital):
        noted = AuditEvent.objects.latest("id")
    assert (noted.kind, noted.patient_id, noted.actor_id) == ("audit.viewed", ward.patient.pk, ward.alice.pk)


def test_every_kind_that_may_name_a_patient_has_words_for_one() -> None:
    for kind, meaning in event_meanings.items():
        assert kind in event_kinds, kind
        assert str(meaning.done), kind
        assert not meaning.tried or str(meaning.tried).startswith("Tried to "), kind
        assert meaning.deed == "read" or not meaning.look, kind
    assert meaning_of("never.heard.of").done == "never.heard.of"


@pytest.mark.parametrize("role", ["clinician", "admin", "privacy_officer"])
def test_who_is_no_patient_has_no_such_page(
    mercy: HospitalRecord, role: str, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    browser = client_for(mercy, person(mercy, "somebody", role=role))
    for path in (LOOKS, f"{LOOKS}1/", f"{LOOKS}ask/", "/account/given/", "/account/given/file.csv"):
        assert browser.get(path).status_code == 403, path


def test_links_lead_to_it_from_account_and_record(ward: Ward) -> None:
    assert f'href="{LOOKS}"' in ward.her.get("/account/").text
    assert f'href="{LOOKS}"' not in ward.officer.get("/account/").text


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/605.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("curl/8.9", ""),
        ("", ""),
    ],
)
def test_devices_are_said_roughly(agent: str, said: str) -> None:
    assert device_words(agent) == said

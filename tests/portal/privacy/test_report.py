"""The report over real events: what it gathers, keeps and forgets; reviews; flags; the file of places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from foundation.audit import Actor, Where
from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.errors import Conflict, NotFound
from foundation.tenancy import HospitalRecord, hospital_zone, inside
from portal.access.actions import grant_record
from portal.access.models import Patient
from portal.ehr.models import Connection, Resource
from portal.ehr.queries import same_address
from portal.privacy import actions, tasks
from portal.privacy.models import Finding, Flag, Report
from portal.privacy.reporting import make_report
from portal.privacy.unusual.places import UNREADABLE, UNSET, PlacesDatabase, PlacesOff, place_of
from tests.portal.privacy.conftest import BY, People, Ward, actor_of, look, make_patient

SYSTEM = Actor.system("report")
UNUSUAL = "/privacy/unusual/"


def report(ward: Ward) -> Report:
    with inside(ward.hospital):
        return make_report(by=SYSTEM)


def found(ward: Ward) -> list[Finding]:
    with inside(ward.hospital):
        return list(Finding.objects.order_by("rule", "day"))


def watch(ward: Ward, reason: str = "Known from the news") -> None:
    with inside(ward.hospital):
        actions.set_flag(by=actor_of(ward.priya), patient_id=ward.patient.pk, reason=reason)


def home(
    patient: Patient, line: str = "12 North Elm Street", *, city: str = "Springfield", code: str = "01101-0001"
) -> None:
    """What the record system says of where the patient lives."""
    source = Connection.objects.get_or_create(kind="memory", base_url="memory://privacy")[0]
    body = {"resourceType": "Patient", "address": [{"line": [line], "city": city, "postalCode": code}]}
    Resource.objects.create(connection=source, type="Patient", fhir_id=patient.fhir_id, patient=patient, body=body,
                            content_hash=b"0" * 16)  # fmt: skip


def test_ordinary_days_make_an_empty_report(ward: Ward) -> None:
    for _time in range(3):
        ward.look()
    made = report(ward)
    assert (made.looks, made.found) == (3, 0)
    assert "Nothing to review" in ward.officer.get(UNUSUAL).text


def test_an_unusual_look_comes_to_the_officer_with_words_weight_and_events(ward: Ward) -> None:
    watch(ward)
    ward.look()
    report(ward)
    page = ward.officer.get(UNUSUAL).text
    assert "The record is under special watch (Known from the news), and was opened once." in page
    assert "Weight 50" in page
    (finding,) = found(ward)
    detail = ward.officer.get(f"{UNUSUAL}{finding.pk}/").text
    assert f"/privacy/looks/{finding.event_ids[0]}/" in detail
    assert "Alice Moreno" in detail


def test_looks_of_patients_family_apps_and_the_vendor_are_no_looks_by_staff(ward: Ward) -> None:
    watch(ward)
    ward.look(actor_of(ward.alice))
    ward.look(Actor("person", uuid4(), "Steps", "app"))
    ward.look(Actor("person", uuid4(), "Victor", "operator"))
    ward.look(Actor.system("synchronisation"), "record.synchronised")
    ward.look(outcome="refused")
    made = report(ward)
    assert (made.looks, made.found) == (0, 0)


def test_several_rules_about_one_person_and_one_patient_are_one_case(ward: Ward, person: People) -> None:
    watch(ward)
    rosa = person(ward.hospital, "rosa", name="Rosa Moreno", role="clinician")
    ward.look(actor_of(rosa))
    report(ward)
    assert [finding.rule for finding in found(ward)] == ["flagged", "same_surname"]
    page = ward.officer.get(UNUSUAL).text
    assert page.count("Rosa Moreno") == 1
    assert "Weight 85" in page


def test_making_it_again_finds_nothing_twice_and_takes_new_looks_up(ward: Ward) -> None:
    watch(ward)
    ward.look()
    report(ward)
    assert report(ward).found == 0
    ward.look()
    report(ward)
    (finding,) = found(ward)
    assert finding.event_count == 2
    assert len(finding.event_ids) == 2


def test_each_day_is_a_finding_of_its_own(ward: Ward) -> None:
    watch(ward)
    ward.look(at=now() - timedelta(days=2))
    ward.look()
    report(ward)
    with inside(ward.hospital):
        zone = hospital_zone()
    days = [(now() - timedelta(days=2)).astimezone(zone).date(), now().astimezone(zone).date()]
    assert [finding.day for finding in found(ward)] == days


def test_the_next_report_begins_on_the_day_of_the_one_before(ward: Ward) -> None:
    first = report(ward)
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        second = report(ward)
    with inside(ward.hospital):
        local = first.until.astimezone(hospital_zone())
    assert second.since == datetime(local.year, local.month, local.day, tzinfo=local.tzinfo)


def test_what_was_explained_is_not_raised_again_but_what_was_watched_is(ward: Ward, person: People) -> None:
    rosa = person(ward.hospital, "rosa", name="Rosa Moreno", role="clinician")
    watch(ward)
    ward.look(actor_of(rosa), at=now() - timedelta(days=3))
    report(ward)
    same = found(ward)[0]
    answer = ward.officer.post(f"{UNUSUAL}{same.pk}/", {"state": "explained", "note": "They are not related."})
    assert answer.status_code == 302
    assert {finding.state for finding in found(ward)} == {"explained"}
    ward.look(actor_of(rosa))
    report(ward)
    assert [finding.rule for finding in found(ward) if finding.state == "open"] == ["flagged"]


def test_a_review_is_kept_with_note_and_name_and_is_in_the_record(ward: Ward) -> None:
    watch(ward)
    ward.look()
    report(ward)
    (finding,) = found(ward)
    assert "There is a problem" in ward.officer.post(f"{UNUSUAL}{finding.pk}/", {"state": "wrong", "note": ""}).text
    ward.officer.post(f"{UNUSUAL}{finding.pk}/", {"state": "wrong", "note": "No reason. Told the head of the ward."})
    page = ward.officer.get(f"{UNUSUAL}?state=wrong").text
    assert "No reason. Told the head of the ward." in page
    assert "Priya Nair" in page
    with inside(ward.hospital):
        event = AuditEvent.objects.get(kind="unusual.reviewed")
    assert (event.patient_id, event.reason) == (ward.patient.pk, "wrong")


@pytest.mark.security("S50")
def test_a_patient_whose_looks_were_found_unusual_sees_that_they_were_checked(ward: Ward) -> None:
    watch(ward)
    ward.look()
    report(ward)
    page = ward.her.get("/account/looks/?who=automatic").text
    assert "Checked looks at your record for anything unusual" in page
    assert "watch" not in page.casefold().split("checked looks")[0].split("<main")[1]


def test_a_run_can_be_asked_for_and_says_so(ward: Ward, on_commit_now: None) -> None:
    watch(ward)
    ward.look()
    assert ward.officer.post(f"{UNUSUAL}run/").status_code == 302
    assert len(found(ward)) == 1
    assert ward.officer.get(f"{UNUSUAL}run/").status_code == 405


def test_each_hospital_s_report_is_made_at_two_in_its_own_night(
    mercy: HospitalRecord, riverside: HospitalRecord, on_commit_now: None
) -> None:
    """07:30 in UTC is 02:30 in New York and 23:30 in Los Angeles."""
    with time_machine.travel("2026-11-20T07:30:00Z", tick=False):
        tasks.report_everywhere()
    counts = []
    for hospital in (mercy, riverside):
        with inside(hospital):
            counts.append(Report.objects.count())
    assert counts == [1, 0]


@pytest.mark.security("S1")
def test_the_report_of_one_hospital_reads_nothing_of_another(ward: Ward, riverside: HospitalRecord) -> None:
    with inside(riverside):
        twin = Patient.objects.create(id=ward.patient.pk, fhir_id="p1001", name="Eve Lind")
        actions.set_flag(by=BY, patient_id=twin.pk, reason="x")
    look(riverside, actor_of(ward.chen), twin.pk)
    assert report(ward).found == 0


# Own record, colleagues, addresses


def test_own_records_and_colleagues_are_known_by_grant_and_by_name(ward: Ward, person: People) -> None:
    dana = person(ward.hospital, "dana", name="Dana Ruiz", role="clinician")
    hers = make_patient(ward.hospital, "p7", "Dana Ruiz")
    with inside(ward.hospital):
        grant_record(by=BY, user=dana, patient=ward.patient)
    look(ward.hospital, actor_of(dana), ward.patient.pk)
    look(ward.hospital, actor_of(dana), hers.pk)
    look(ward.hospital, actor_of(ward.chen), hers.pk)
    report(ward)
    rules = [(finding.rule, finding.person_id, finding.patient_id) for finding in found(ward)]
    assert ("own_record", dana.pk, ward.patient.pk) in rules
    assert ("own_record", dana.pk, hers.pk) in rules
    assert ("colleague", ward.chen.pk, hers.pk) in rules
    assert ("colleague", dana.pk, hers.pk) not in rules


def test_who_lives_at_the_patient_s_address_is_found_and_the_address_is_not_copied(ward: Ward, person: People) -> None:
    dana = person(ward.hospital, "dana", name="Dana Ruiz", role="clinician")
    hers = make_patient(ward.hospital, "p7", "Dana Ruiz")
    with inside(ward.hospital):
        grant_record(by=BY, user=dana, patient=hers)
        home(ward.patient)
        home(hers, "12 n. elm st", code="01101")
    ward.look(actor_of(dana))
    report(ward)
    (finding,) = found(ward)
    assert finding.rule == "same_address"
    assert "elm" not in str(finding.__dict__).casefold()


@pytest.mark.security("S50")
def test_whose_addresses_were_alike_stands_in_the_record_of_the_nightly_task(
    ward: Ward, person: People, on_commit_now: None
) -> None:
    dana = person(ward.hospital, "dana", name="Dana Ruiz", role="clinician")
    hers = make_patient(ward.hospital, "p7", "Dana Ruiz")
    with inside(ward.hospital):
        grant_record(by=BY, user=dana, patient=hers)
        home(ward.patient)
        home(hers)
    ward.look(actor_of(dana))
    tasks.report.send(ward.hospital)
    with inside(ward.hospital):
        named = set(AuditEvent.objects.filter(kind="unusual.found").values_list("patient_id", flat=True))
    assert named == {ward.patient.pk, hers.pk}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True), ({}, {"line": "12 NORTH ELM ST"}, True), ({}, {"line": "14 North Elm Street"}, False),
        ({}, {"code": "90210"}, False), ({"code": ""}, {"code": ""}, True),
        ({"code": "", "city": ""}, {"code": "", "city": ""}, False),
        ({"line": ""}, {"line": ""}, False), ({"line": "C/ Ángel 3"}, {"line": "c/ ángel, 3"}, True),
    ],
)  # fmt: skip
def test_addresses_are_alike_however_they_are_written_and_never_for_lack_of_any(
    ward: Ward, one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    second = make_patient(ward.hospital, "p7", "Dana Ruiz")
    pair = (ward.patient.pk, second.pk)
    with inside(ward.hospital):
        home(ward.patient, **one)
        home(second, **other)
        assert same_address([pair]) == (frozenset({pair}) if same else frozenset())


@pytest.mark.parametrize("address", [None, "x", {}, [{}], [{"line": "x"}], [{"line": []}], [None], [{"line": [None]}]])
def test_an_odd_address_of_the_source_is_none(ward: Ward, address: Any) -> None:
    second = make_patient(ward.hospital, "p7", "Dana Ruiz")
    with inside(ward.hospital):
        home(ward.patient)
        home(second)
        Resource.objects.update(body={"resourceType": "Patient", "address": address})
        assert same_address([(ward.patient.pk, second.pk)]) == frozenset()
        assert same_address([]) == frozenset()


# Flags


def test_a_record_is_watched_once_and_the_watch_can_end(ward: Ward) -> None:
    path = f"/privacy/patients/{ward.patient.pk}/"
    assert ward.officer.post(f"{path}flag/", {"reason": "Works here"}).status_code == 302
    assert "Works here" in ward.officer.get(path).text
    assert "Works here" in ward.officer.get("/privacy/patients/").text
    with inside(ward.hospital), pytest.raises(Conflict):
        actions.set_flag(by=actor_of(ward.priya), patient_id=ward.patient.pk, reason="Again")
    assert ward.officer.post(f"{path}flag/end/").status_code == 302
    assert ward.officer.post(f"{path}flag/end/").status_code == 404
    with inside(ward.hospital):
        assert Flag.objects.get().ended_by_id == ward.priya.pk
        kinds = AuditEvent.objects.filter(patient_id=ward.patient.pk, kind__startswith="flag.").values_list(
            "kind", flat=True
        )
        assert list(kinds.filter(outcome="success").order_by("id")) == ["flag.set", "flag.ended"]
        with pytest.raises(NotFound):
            actions.set_flag(by=actor_of(ward.priya), patient_id=uuid4(), reason="Nobody")


# Places


@pytest.fixture
def places(tmp_path: Path, settings: Any) -> Path:
    """A database of two places."""
    file = tmp_path / "places.mmdb"
    writer = MMDBWriter(6, "GeoLite2-City", languages=["en"], ipv4_compatible=True, float_type="f64")
    for network, city, latitude, longitude in (
        ("198.51.100.0/24", "Boston", 42.36, -71.06),
        ("192.0.2.0/24", "Paris", 48.86, 2.35),
    ):
        writer.insert_network(IPSet([network]), {
            "city": {"names": {"en": city}}, "country": {"names": {"en": "Somewhere"}},
            "location": {"latitude": latitude, "longitude": longitude, "accuracy_radius": 10},
        })  # fmt: skip
    writer.to_db_file(str(file))
    settings.PORTICO_PLACES_DB = str(file)
    return file


def signs_in(ward: Ward, address: str, at: datetime) -> None:
    look(ward.hospital, actor_of(ward.chen), None, "sign_in.succeeded", at=at, where=Where("r", address, ""))


def test_sign_ins_from_impossible_distances_are_found_with_a_file_of_places(ward: Ward, places: Path) -> None:
    signs_in(ward, "198.51.100.9", now() - timedelta(hours=2))
    signs_in(ward, "192.0.2.9", now() - timedelta(hours=1))
    made = report(ward)
    (finding,) = found(ward)
    assert (finding.rule, finding.person_id, finding.patient_id) == ("travel", ward.chen.pk, None)
    assert made.off == {}
    page = ward.officer.get(UNUSUAL).text
    assert "from Boston, Somewhere, and 60 minutes later from Paris, Somewhere" in page
    assert ward.officer.get(f"{UNUSUAL}{finding.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("file", "code", "words"), [("", UNSET, "no database of places"), ("/none", UNREADABLE, "cannot be read")]
)
def test_without_such_a_file_the_page_says_that_the_rule_is_off(
    ward: Ward, settings: Any, file: str, code: str, words: str
) -> None:
    settings.PORTICO_PLACES_DB = file
    signs_in(ward, "198.51.100.9", now())
    assert report(ward).off == {"travel": code}
    assert words in ward.officer.get(UNUSUAL).text


def test_a_file_that_is_no_database_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"not a database")
    with pytest.raises(PlacesOff) as why, PlacesDatabase(str(tmp_path / "x.mmdb")):
        pass
    assert why.value.code == UNREADABLE


@pytest.mark.parametrize("record", [{}, {"location": None}, {"location": {"latitude": 1}}, {"city": {}}])
def test_a_place_without_coordinates_is_none(record: dict[str, Any]) -> None:
    assert place_of(record) is None


def test_addresses_of_every_sort_are_looked_up(places: Path) -> None:
    with PlacesDatabase(str(places)) as database:
        boston = database.place("198.51.100.1")
        assert boston is not None
        assert boston.name == "Boston, Somewhere"
        for unknown in ("203.0.113.1", "2001:db8::1", "nonsense"):
            assert database.place(unknown) is None


def test_the_page_is_one_officer_s_hospital_s(
    ward: Ward, riverside: HospitalRecord, person: People, client_for: Callable[..., Client]
) -> None:
    watch(ward)
    ward.look()
    report(ward)
    (finding,) = found(ward)
    other = client_for(riverside, person(riverside, "nora", name="Nora Feld", role="privacy_officer"))
    assert other.get(f"{UNUSUAL}{finding.pk}/").status_code == 404
    assert other.get(f"{UNUSUAL}{UUID(int=1)}/").status_code == 404
    assert "Alice" not in other.get(UNUSUAL).text
    assert ward.officer.get(f"{UNUSUAL}?state=x").status_code == 404

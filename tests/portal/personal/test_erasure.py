"""After an erasure nothing of the patient is left, but where the law keeps it; nobody else has lost anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.errors import Refusal
from foundation.personal import Kept, declarations
from foundation.storage import hospital_files
from foundation.tenancy import HospitalRecord, current_schema, inside, inside_public
from portal.access.actions import readmit_patient, register_patient
from portal.access.errors import WasErased
from portal.access.models import ErasedPatient, Patient
from portal.accounts.models import Session, User
from portal.ehr.models import PatientProgress, Resource
from portal.ehr.queries import active_connection
from portal.ehr.sync import synchronise
from portal.personal.actions import make_request
from portal.personal.erasing import erase_person, subject_of
from portal.personal.models import DataCopy, DataRequest
from portal.records.models import Result
from tests.isolation.conftest import Twin, twins
from tests.people import make_person
from tests.portal.personal.conftest import BY, Chart, ask, make
from tests.portal.personal.test_requests import ask_to_erase
from tests.portal.records.conftest import of_alice, result

__all__ = ["twins"]
MARK = "CANARYALICE"


@pytest.fixture
def marked(alice: Chart, on_commit_now: None) -> Chart:
    """Alice with a mark in everything that is known of her, and Ben, who is somebody else, with another."""
    del on_commit_now
    for name, fhir_id, mark in (("Alice", "alice", MARK), ("Ben", "ben", "CANARYBEN")):
        about = {"reference": f"Patient/{fhir_id}"}
        alice.ehr.put_all([
            {"resourceType": "Patient", "id": fhir_id, "birthDate": "1968-03-21", "gender": "female",
             "identifier": [{"value": f"MRN{mark}"}], "name": [{"given": [name], "family": mark}],
             "telecom": [{"system": "email", "value": f"{mark}@example.org"}]},
            {**result(f"{fhir_id}-r1"), "subject": about, "note": [{"text": mark}]},
            {**result(f"{fhir_id}-r2", code={"text": f"Test {mark}"}), "subject": about},
            of_alice("Condition", f"{fhir_id}-c", code={"text": f"Problem {mark}"}) | {"subject": about},
            of_alice("DocumentReference", f"{fhir_id}-d", status="current", description=f"Letter {mark}",
                     content=[{"attachment": {"contentType": "text/plain", "data": "aGVsbG8=", "title": mark}}])
            | {"subject": about},
            of_alice("Basic", f"{fhir_id}-b", code={"text": mark}) | {"subject": about},
        ])  # fmt: skip
    alice.sync()
    alice.sync({**result("alice-r1", 6.1), "note": [{"text": f"{MARK} corrected"}]})
    with inside(alice.hospital):
        User.objects.filter(pk=alice.user.pk).update(
            username=f"{MARK.lower()}.user", name=f"Alice {MARK}", email=f"{MARK}@example.org", given_name=MARK
        )
        ben = Patient.objects.get(fhir_id="ben")
    make_person(alice.hospital, "ben", patient=ben, name="Ben CANARYBEN", email="CANARYBEN@example.org")
    return alice


def tables() -> Iterator[tuple[str, str]]:
    """Every table of the schema in which we stand, and all of each of its rows as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [current_schema()])
        names = [row[0] for row in cursor.fetchall()]
    for name in names:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(string_agg(row_to_json(t)::text, chr(10)), '') FROM \"{name}\" t")
            yield name, cursor.fetchone()[0]


def holding(*needles: str) -> set[str]:
    """The tables in which one of these stands, in upper or lower case."""
    return {name for name, text in tables() if any(needle.casefold() in text.casefold() for needle in needles)}


def kept_tables() -> set[str]:
    return {said.table for said in declarations() if isinstance(said.erase, Kept)}


def erase(chart: Chart) -> int:
    with inside(chart.hospital):
        asked = DataRequest.objects.get(kind="erase", state="open")
        return erase_person(by=BY, request_id=asked.id, patient_id=asked.patient_id)


@pytest.mark.security("S59")
@pytest.mark.security("S65")
def test_nothing_of_the_patient_is_left_but_where_the_law_keeps_it(marked: Chart, sent: list[str]) -> None:
    page = ask(marked.client)
    make(marked.hospital, sent)
    marked.page(page)
    ask_to_erase(marked, f"I am {MARK} and want to leave.")
    with inside(marked.hospital):
        before = holding(MARK)
        assert {"ehr_resource", "ehr_resourcehistory", "records_result", "access_patient", "accounts_user"} <= before
        assert "personal_datarequest" in before
        files = [key for key in DataCopy.objects.values_list("file_key", flat=True) if key]
        assert files
    assert erase(marked) > 20
    with inside(marked.hospital):
        left = holding(MARK) - kept_tables()
        assert not left, f"{MARK} stands in {left}"
        left = holding('"alice', "Patient/alice") - kept_tables()
        assert not left, f"the source's id for her stands in {left}"
        assert not [key for key in files if hospital_files().exists(key)]


@pytest.mark.security("S59")
@pytest.mark.security("S65")
def test_the_dump_of_the_schema_holds_nothing_of_the_patient(marked: Chart) -> None:
    """The same over what COPY writes, table by table, as pg_dump does it."""
    ask_to_erase(marked, MARK)
    erase(marked)
    with inside(marked.hospital):
        for name, _text in tables():
            if name in kept_tables():
                continue
            with connection.cursor() as cursor, cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
                dumped = b"".join(bytes(part) for part in copy)
            assert MARK.encode() not in dumped, name


def test_somebody_else_loses_nothing(marked: Chart) -> None:
    with inside(marked.hospital):
        before = {name: text.casefold().count("canaryben") for name, text in tables()}
        assert sum(before.values()) > 10
    ask_to_erase(marked)
    erase(marked)
    with inside(marked.hospital):
        after = {name: text.casefold().count("canaryben") for name, text in tables()}
    assert {n: c for n, c in after.items() if n != "audit_event"} == {
        n: c for n, c in before.items() if n != "audit_event"
    }


@pytest.mark.security("S1")
@pytest.mark.security("S65")
def test_the_other_hospital_loses_nothing(twins: tuple[Twin, Twin]) -> None:
    """The same keys there: a statement that left its schema would show."""
    here, there = twins
    with inside(there.hospital):
        before = dict(tables())
    with inside(here.hospital):
        from foundation.permissions import PatientRef

        patient = PatientRef(here.patient.id, "x", "x", None)
        asked = make_request(by=BY, user_id=here.user.id, patient=patient, kind=DataRequest.Kind.ERASE, words="")
        erase_person(by=BY, request_id=asked, patient_id=here.patient.id)
        assert not Resource.objects.filter(patient_id=here.patient.id).exists()
    with inside(there.hospital):
        assert dict(tables()) == before


@pytest.mark.security("S65")
def test_the_audit_stays_and_says_who_erased_whom(marked: Chart) -> None:
    with inside(marked.hospital):
        before = list(AuditEvent.objects.order_by("id").values_list("id", "kind"))
    ask_to_erase(marked)
    rows = erase(marked)
    with inside(marked.hospital):
        after = list(AuditEvent.objects.order_by("id").values_list("id", "kind"))
        assert after[: len(before)] == before
        event = AuditEvent.objects.get(kind="data.erased", patient_id=marked.patient.id)
        assert (event.patient_id, event.item_count, event.outcome) == (marked.patient.id, rows, "success")


def test_the_sessions_end_and_nobody_signs_in_again(marked: Chart) -> None:
    ask_to_erase(marked)
    assert marked.client.get("/my-data/").status_code == 200
    erase(marked)
    assert marked.client.get("/my-data/").status_code == 302
    with inside(marked.hospital):
        user = User.objects.get(pk=marked.user.pk)
        assert (user.is_active, user.name, user.email, user.roles) == (False, "", "", [])
        assert not user.has_usable_password()
        assert not Session.objects.filter(user=user).exists()


@pytest.mark.security("S65")
@pytest.mark.parametrize("full", [False, True])
def test_the_next_synchronisation_does_not_bring_them_back(marked: Chart, full: bool) -> None:
    ask_to_erase(marked)
    erase(marked)
    marked.ehr.put_all([result("alice-r9", code={"text": MARK})])
    with inside(marked.hospital):
        report = synchronise(by=BY, full=full)
        assert report.run.state == "done"
        assert not Resource.objects.filter(patient_id=marked.patient.id).exists()
        assert not Patient.objects.filter(fhir_id="alice").exists()
        assert not holding(MARK) - kept_tables()
        assert Patient.objects.filter(fhir_id="ben").exists()


def test_nobody_makes_them_known_by_hand_and_they_can_be_let_back_in(marked: Chart) -> None:
    ask_to_erase(marked)
    erase(marked)
    with inside(marked.hospital):
        connected = active_connection()
        assert connected is not None
        for source in (None, connected.id):
            with pytest.raises(WasErased):
                register_patient(by=BY, fhir_id="alice", name="Alice", source=source)
        assert readmit_patient(by=BY, fhir_id="alice", source=connected.id) == 2
        synchronise(by=BY, full=True)
        back = Patient.objects.get(fhir_id="alice")
        assert back.id != marked.patient.id
        assert Result.objects.filter(patient=back).exists()


def test_the_command_lets_them_back_in_once(marked: Chart) -> None:
    ask_to_erase(marked)
    erase(marked)
    with inside_public():
        with pytest.raises(CommandError, match="Nobody with this id"):
            call_command("hospital", "readmit", "mercy", "ben")
        call_command("hospital", "readmit", "mercy", "alice")
        with pytest.raises(CommandError, match="There is no hospital"):
            call_command("hospital", "readmit", "nowhere", "alice")
    with inside(marked.hospital):
        assert not ErasedPatient.objects.exists()


def test_the_trace_says_nothing_of_the_patient(marked: Chart) -> None:
    ask_to_erase(marked)
    erase(marked)
    with inside(marked.hospital):
        for trace in ErasedPatient.objects.all():
            assert "alice" not in str(vars(trace)).casefold()
            assert len(trace.digest) == 64


def test_a_synchronisation_that_is_at_them_fails_for_them_alone(marked: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    """The erasure comes between the asking and the storing of a run."""
    from portal.ehr import sync

    ask_to_erase(marked)
    marked.ehr.put_all([result("alice-r9", code={"text": MARK})])
    marked.ehr.put_all([{**result("ben-r9", code={"text": "CANARYBEN new"}), "subject": {"reference": "Patient/ben"}}])
    original, erased = sync._store, list[int]()

    def store(by: Any, run: Any, fetched: Any, tally: Any) -> None:
        if not erased:
            erased.append(erase(marked))
        original(by, run, fetched, tally)

    monkeypatch.setattr(sync, "_store", store)
    with inside(marked.hospital):
        synchronise(by=BY, full=True)
        assert erased
        assert not holding(MARK) - kept_tables()
        assert not PatientProgress.objects.filter(fhir_id="alice").exists()
        assert Result.objects.filter(title="CANARYBEN new").exists()


def test_a_copy_that_is_being_made_comes_to_nothing(
    marked: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.personal.copying import job

    ask(marked.client)
    ask_to_erase(marked)
    original = job._fill

    def fill(*given: Any) -> int:
        items = original(*given)
        erase(marked)
        return items

    monkeypatch.setattr(job, "_fill", fill)
    make(marked.hospital, sent)
    with inside(marked.hospital):
        assert not DataCopy.objects.exists()
        assert not hospital_files().exists("copies") or not hospital_files().listdir("copies")[1]


def test_an_account_that_works_here_stays(marked: Chart) -> None:
    with inside(marked.hospital):
        User.objects.filter(pk=marked.user.pk).update(roles=["clinician", "patient"])
        assert subject_of(marked.patient.id, marked.user.id).user_id is None
    ask_to_erase(marked)
    erase(marked)
    with inside(marked.hospital):
        user = User.objects.get(pk=marked.user.pk)
        assert user.is_active
        assert not Resource.objects.filter(patient_id=marked.patient.id).exists()


def test_an_account_that_opens_another_record_too_stays(marked: Chart) -> None:
    from portal.access.actions import grant_record

    with inside(marked.hospital):
        grant_record(by=BY, user=marked.user, patient=Patient.objects.get(fhir_id="ben"))
        assert subject_of(marked.patient.id, marked.user.id).user_id is None


def test_records_that_were_joined_go_with_it(marked: Chart) -> None:
    marked.sync({"resourceType": "Patient", "id": "old", "name": [{"family": f"{MARK} before"}]})
    with inside(marked.hospital):
        Patient.objects.filter(fhir_id="old").update(merged_into_id=marked.patient.id)
    ask_to_erase(marked)
    erase(marked)
    with inside(marked.hospital):
        assert not holding(MARK) - kept_tables()


@pytest.mark.security("S65")
def test_an_erasure_that_fails_half_way_takes_nothing(marked: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_to_erase(marked)
    with inside(marked.hospital):
        before = {name: len(text) for name, text in tables() if name != "audit_event"}

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr("foundation.actions.trail.write", broken)
    with pytest.raises(RuntimeError):
        erase(marked)
    monkeypatch.undo()
    with inside(marked.hospital):
        assert {name: len(text) for name, text in tables() if name != "audit_event"} == before


def test_it_is_carried_out_once(marked: Chart) -> None:
    made = ask_to_erase(marked)
    erase(marked)
    with inside(marked.hospital), pytest.raises(Refusal):
        erase_person(by=BY, request_id=made, patient_id=marked.patient.id)


def test_the_page_shows_what_goes_and_what_stays_then_does_it(
    marked: Chart, ada: User, client_for: Callable[..., Client]
) -> None:
    made = ask_to_erase(marked)
    desk = client_for(marked.hospital, ada)
    shown = desk.get(f"/data-requests/{made}/erasure/").content.decode()
    assert "Results" in shown
    assert "The law asks the hospital to keep the record of who looked" in shown
    assert desk.post(f"/data-requests/{made}/erasure/carry-out/").status_code == 302
    after = desk.get(f"/data-requests/{made}/").content.decode()
    assert MARK not in after
    assert "Erased" in after
    assert desk.get("/data-requests/?show=answered").status_code == 200
    assert desk.get(f"/data-requests/{made}/erasure/").status_code == 404


def test_the_preview_counts_what_the_erasure_takes(marked: Chart) -> None:
    from portal.personal.erasing import preview

    ask_to_erase(marked)
    with inside(marked.hospital):
        subject = subject_of(marked.patient.id, marked.user.id)
        lines = {str(line.title): line for line in preview(subject)}
        assert lines["Results"].rows == Result.objects.filter(patient=marked.patient).count()
        assert json.dumps(str(lines["Who looked at the record, and what this person did here"].kept))
    hospital: HospitalRecord = marked.hospital
    assert hospital.slug == "mercy"

"""What comes out of a synchronisation: new, changed, withdrawn, deleted, moved, missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from foundation.registry import MirrorRow, projectors
from portal.access.actions import register_patient
from portal.access.models import Patient
from portal.ehr import storing
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.connectors.memory.connector import MemoryConnector
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.models import Connection, PatientProgress, Resource, ResourceHistory, SyncRun, Unprojected
from portal.ehr.queries import earlier_bodies, freshness, names_by_reference
from portal.ehr.sync import synchronise
from portal.ehr.values import Listing
from tests.portal.ehr.charts import chen, condition, hospital, patient, result
from tests.portal.ehr.conftest import BY, Recorder, everything


def run(*, full: bool = False, only: tuple[str, ...] = ()) -> SyncRun:
    return synchronise(by=BY, full=full, only=only).run


@pytest.fixture
def filled(connected: Connection, ehr: MemoryEHR, recorder: Recorder) -> MemoryEHR:
    ehr.put_all(hospital())
    assert run().state == SyncRun.State.DONE
    return ehr


def test_a_first_load_mirrors_all_and_makes_the_patients_known(filled: MemoryEHR, recorder: Recorder) -> None:
    assert Resource.objects.count() == len(filled.resources)
    assert set(recorder.shown) == {key for key in filled.resources if key[0] != "Practitioner"}
    alice = Patient.objects.get(fhir_id="p0")
    assert (alice.name, alice.birth_date.isoformat(), alice.sex, alice.mrn) == (  # type: ignore[union-attr]
        "Alice Family0", "1984-03-02", "female", "MRN-p0",
    )  # fmt: skip
    assert Resource.objects.get(type="Practitioner").patient_id is None
    assert names_by_reference(["Practitioner/chen", "Practitioner/nobody"]) == {"Practitioner/chen": "Dr. Chen"}


def test_a_second_run_over_the_same_data_changes_nothing(filled: MemoryEHR, recorder: Recorder) -> None:
    before, calls = everything(), len(recorder.calls)
    assert run().state == SyncRun.State.DONE
    after = everything()
    assert {key: value for key, value in after.items() if key != "progress"} == {
        key: value for key, value in before.items() if key != "progress"
    }
    assert len(recorder.calls) == calls


def test_a_new_result_is_there_after_the_next_run(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.put(result("new", "p1"))
    run()
    assert ("Observation", "new") in recorder.shown
    assert recorder.calls[-1] == (["Observation/new"], [])


def test_a_new_patient_is_there_after_the_next_run(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.put_all([patient("newcomer"), result("first", "newcomer")])
    run()
    assert ("Observation", "first") in recorder.shown


def test_a_changed_result_keeps_its_history(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.put(result("p1-r1", "p1", value=9.9, status="corrected"))
    run()
    assert float(recorder.shown["Observation", "p1-r1"]["valueQuantity"]["value"]) == 9.9
    row = Resource.objects.get(type="Observation", fhir_id="p1-r1")
    assert row.patient_id is not None
    [(body, _until)] = earlier_bodies(row.id, row.patient_id)
    assert (body["status"], float(body["valueQuantity"]["value"])) == ("final", 1.5)


def test_a_result_entered_in_error_leaves_the_page_and_stays_in_the_mirror(
    filled: MemoryEHR, recorder: Recorder
) -> None:
    filled.put(result("p1-r1", "p1", status="entered-in-error"))
    run()
    assert ("Observation", "p1-r1") not in recorder.shown
    row = Resource.objects.get(type="Observation", fhir_id="p1-r1")
    assert row.body["status"] == "entered-in-error"
    assert row.gone_at is None
    assert row.history.count() == 1


def test_a_deleted_result_is_noticed_by_a_full_run_and_by_the_daily_comparison(
    filled: MemoryEHR, recorder: Recorder
) -> None:
    filled.delete("Observation", "p1-r1")
    run()
    assert ("Observation", "p1-r1") in recorder.shown, "deletions do not show in what changed"
    run(full=True)
    assert ("Observation", "p1-r1") not in recorder.shown
    assert Resource.objects.get(fhir_id="p1-r1").gone_at is not None

    filled.delete("Observation", "p1-r2")
    connected = Connection.objects.get()
    assert connected.last_full_at is not None
    connected.last_full_at -= timedelta(hours=25)
    connected.save()
    assert run().mode == SyncRun.Mode.COMPARE
    assert ("Observation", "p1-r2") not in recorder.shown


def test_the_daily_comparison_finds_what_an_increment_missed(filled: MemoryEHR, recorder: Recorder) -> None:
    late = filled.put(result("late", "p1"))
    late["meta"]["lastUpdated"] = "2020-01-01T00:00:00.000Z"
    run()
    assert ("Observation", "late") not in recorder.shown
    Connection.objects.update(last_full_at=None)
    run()
    assert ("Observation", "late") in recorder.shown


def test_a_result_that_came_back_is_shown_again(filled: MemoryEHR, recorder: Recorder) -> None:
    gone = filled.resources["Observation", "p1-r1"]
    filled.delete("Observation", "p1-r1")
    run(full=True)
    filled.put(gone)
    run()
    assert ("Observation", "p1-r1") in recorder.shown
    assert Resource.objects.get(fhir_id="p1-r1").gone_at is None


def test_a_result_that_moved_to_another_patient_leaves_the_first(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.put(result("p1-r1", "p2"))
    run()
    row = Resource.objects.get(fhir_id="p1-r1")
    assert row.patient is not None
    assert row.patient.fhir_id == "p2"
    assert ResourceHistory.objects.get(resource=row).patient_id == Patient.objects.get(fhir_id="p1").id
    assert ([], ["Observation/p1-r1"]) in recorder.calls


def test_a_patient_deleted_at_the_source_is_withdrawn_as_a_whole(filled: MemoryEHR, recorder: Recorder) -> None:
    for kind, fhir_id in [key for key in filled.resources if key[1].startswith("p1")]:
        filled.delete(kind, fhir_id)
    run(full=True)
    assert not [key for key in recorder.shown if key[1].startswith("p1")]
    assert Resource.objects.filter(fhir_id__startswith="p1", gone_at=None).count() == 0
    assert Resource.objects.filter(fhir_id__startswith="p1").count() > 0


def test_a_search_that_hides_what_the_source_still_has_withdraws_nothing(
    filled: MemoryEHR, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a server rebuilds its index: every search is empty and every single read finds its resource."""
    monkeypatch.setattr(MemoryConnector, "_of", lambda self, patient, kind: iter(()))
    report = run(full=True)
    assert report.state == SyncRun.State.PARTLY
    assert not Resource.objects.exclude(gone_at=None).exists()
    assert freshness(Patient.objects.get(fhir_id="p1").id).missing == ("Appointment", "Condition", "Observation")


def test_most_patients_are_not_withdrawn_at_once(connected: Connection, ehr: MemoryEHR, recorder: Recorder) -> None:
    ehr.put_all(hospital(patients=8, results=1))
    run()
    for key in [key for key in ehr.resources if key[1][:2] not in {"p0", "ch"}]:
        ehr.delete(*key)
    assert run(full=True).state == SyncRun.State.PARTLY
    assert not Resource.objects.exclude(gone_at=None).exists()


def test_a_list_of_patients_that_breaks_off_takes_nobody_away(
    connected: Connection, ehr: MemoryEHR, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ehr.put_all(hospital(patients=14, results=1))
    run()
    original = MemoryConnector.patients

    def broken(self: MemoryConnector) -> Iterator[Listing]:
        yield next(original(self))
        raise ConnectorError(Fault.SERVER)

    monkeypatch.setattr(MemoryConnector, "patients", broken)
    ehr.put(result("new", "p0"))
    before = Connection.objects.get().changes_from
    report = synchronise(by=BY, full=True)
    assert (report.run.state, report.run.patients_done) == (SyncRun.State.PARTLY, 10)
    assert ("Observation", "new") in recorder.shown
    assert not Resource.objects.exclude(gone_at=None).exists()
    assert Connection.objects.get().changes_from == before


def test_a_kind_that_fails_is_missing_and_its_absence_is_no_deletion(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.failing["Observation"] = "server"
    report = run(full=True)
    assert report.state == SyncRun.State.PARTLY
    assert ("Observation", "p1-r1") in recorder.shown
    who = Patient.objects.get(fhir_id="p1").id
    assert freshness(who).missing == ("Observation",)
    filled.put(result("meanwhile", "p1"))
    run()
    assert ("Observation", "meanwhile") not in recorder.shown
    filled.failing.clear()
    run()
    assert ("Observation", "meanwhile") in recorder.shown
    assert freshness(who).missing == ()


def test_a_source_that_is_down_fails_the_run_and_leaves_the_old_data(filled: MemoryEHR, recorder: Recorder) -> None:
    before = freshness().as_of
    shown = dict(recorder.shown)
    filled.failing["*"] = "connect"
    failed = run()
    assert (failed.state, failed.fault) == (SyncRun.State.FAILED, "connect")
    assert recorder.shown == shown
    assert freshness().state == "failing"
    assert freshness().as_of == before
    filled.failing.clear()
    run()
    assert freshness().state == "fresh"


def test_only_chosen_patients_can_be_read(connected: Connection, ehr: MemoryEHR, recorder: Recorder) -> None:
    ehr.put_all(hospital())
    report = synchronise(by=BY, only=("p2", "nobody"))
    assert report.unknown == ("nobody",)
    assert {key[1][:2] for key in recorder.shown} == {"p2"}
    assert run().mode == SyncRun.Mode.FULL, "the first load is still to come"
    assert len(recorder.shown) == 3 * 7


def test_a_renamed_practitioner_is_brought_up_to_date_by_a_full_run(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.put({**chen(), "name": [{"prefix": ["Dr."], "family": "Chen-Park"}]})
    recorder.calls.clear()
    Connection.objects.update(last_full_at=None)
    run()
    assert names_by_reference(["Practitioner/chen"]) == {"Practitioner/chen": "Dr. Chen-Park"}
    assert any("Observation/p0-r0" in changed for changed, _gone in recorder.calls), "what names her is made anew"


def test_what_a_projector_keeps_is_noted_once_and_forgotten_when_it_is_mended(
    filled: MemoryEHR, recorder: Recorder
) -> None:
    def keep(row: MirrorRow) -> str:
        return "no code" if row.type == "Observation" and "code" not in row.body else ""

    recorder.keep = keep
    codeless = result("odd", "p1")
    del codeless["code"]
    filled.put(codeless)
    run()
    run()
    assert [u.reason for u in Unprojected.objects.all()] == ["no code"]
    filled.put(result("odd", "p1"))
    run()
    assert not Unprojected.objects.exists()


def test_a_projector_that_fails_loses_nothing(filled: MemoryEHR, recorder: Recorder) -> None:
    def fail(row: MirrorRow) -> str:
        raise RuntimeError(row.fhir_id)

    recorder.keep = fail
    filled.put(result("odd", "p1"))
    run()
    assert Resource.objects.filter(fhir_id="odd").exists()
    assert [u.reason for u in Unprojected.objects.all()] == ["failed"]


def test_a_patient_who_cannot_be_stored_does_not_stop_the_others_and_is_tried_again(
    connected: Connection, ehr: MemoryEHR, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ehr.put_all(hospital())
    original = register_patient

    def failing(**known: Any) -> Any:
        if known["fhir_id"] == "p1":
            raise ValueError
        return original(**known)

    monkeypatch.setattr(storing, "register_patient", failing)
    assert run().state == SyncRun.State.PARTLY
    assert {key[1][:2] for key in recorder.shown} == {"p0", "p2"}
    monkeypatch.undo()
    monkeypatch.setattr(projectors, "_values", {"recorder": recorder})
    assert run().state == SyncRun.State.DONE
    assert {key[1][:2] for key in recorder.shown} == {"p0", "p1", "p2"}


def test_a_touch_without_a_change_leaves_no_history(filled: MemoryEHR, recorder: Recorder) -> None:
    filled.put(filled.resources["Observation", "p1-r1"])
    calls = len(recorder.calls)
    run()
    row = Resource.objects.get(fhir_id="p1-r1")
    assert row.version_id == "2"
    assert row.history.count() == 0
    assert len(recorder.calls) == calls


def test_an_older_version_does_not_replace_a_newer_one(filled: MemoryEHR, recorder: Recorder) -> None:
    stale = {**filled.resources["Observation", "p1-r1"]}
    filled.put(result("p1-r1", "p1", value=7.7))
    run()
    filled.resources["Observation", "p1-r1"] = {
        **stale,
        "meta": {**stale["meta"], "lastUpdated": "2026-01-01T00:00:02.000Z"},
    }
    PatientProgress.objects.update(since={})
    Connection.objects.update(last_full_at=None)
    run()
    assert float(recorder.shown["Observation", "p1-r1"]["valueQuantity"]["value"]) == 7.7


def test_resources_without_an_id_and_of_unknown_kinds_are_kept(
    connected: Connection, ehr: MemoryEHR, recorder: Recorder
) -> None:
    ehr.put_all([patient(), {**condition("x"), "resourceType": "Horoscope"}])
    nameless = condition("y")
    ehr.put(nameless)
    del ehr.resources["Condition", "y"]["id"]
    run()
    assert set(Resource.objects.values_list("type", flat=True)) == {"Patient", "Horoscope", "Condition"}
    row = Resource.objects.get(type="Condition")
    assert row.fhir_id.startswith("~")
    assert Unprojected.objects.get(resource=row).reason == "no_id"
    run(full=True)
    assert Resource.objects.get(type="Condition").gone_at is None

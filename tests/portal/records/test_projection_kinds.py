"""One kind of the chart after the other, in the shapes that servers really send."""

from __future__ import annotations

from typing import Any

from portal.records.projection import Resource, project
from portal.records.projection.frame import Frame
from portal.records.projection.reading import key_of, narrative
from tests.portal.records.test_projection_values import FRAME, SOURCE, rows


def one(body: dict[str, Any], frame: Frame = FRAME) -> Any:
    [row] = rows({"id": "x", **body}, frame)
    return row


def labelled(row: Any, label: str) -> str:
    return next(
        (entry.get("text", entry.get("date", "")) for entry in row.detail["facts"] if entry["label"] == label), ""
    )


def test_a_report_gathers_results_words_and_files() -> None:
    row = one({
        "resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Chest X-ray"},
        "category": [{"coding": [{"code": "RAD"}]}], "conclusion": "Clear lungs.",
        "conclusionCode": [{"text": "Normal"}], "result": [{"reference": "http://ehr/fhir/Observation/7/_history/2"}],
        "presentedForm": [{"contentType": "application/pdf", "data": "JVBE", "title": "Report"}],
        "encounter": {"reference": "Encounter/9"}, "effectivePeriod": {"start": "2026-03", "end": "2026-04"},
    })  # fmt: skip
    assert row.shelf == "scan"
    assert row.listed
    assert row.result_ids == [key_of("ehr", "Observation", "7")]
    assert row.visit_id == key_of("ehr", "Encounter", "9")
    assert (row.date_text, row.end_text) == ("2026-03", "2026-04")
    assert row.detail["files"][0]["inline"]


def test_a_report_of_words_alone_shows_its_narrative_as_plain_text() -> None:
    div = "<div><p>Heart size <b>normal</b>.</p><script>alert(1)</script><p>No fluid.</p></div>"
    row = one({"resourceType": "DiagnosticReport", "code": {"text": "X-ray"}, "text": {"div": div}})
    assert row.detail["narrative"] == "Heart size normal.\nNo fluid."
    assert narrative({"text": {"div": 7}}) == ""


def test_a_scan_without_a_name_is_named_by_way_and_place() -> None:
    series = [{"modality": {"display": "Digital Radiography"}, "bodySite": {"display": "Knee"}}]
    row = one({"resourceType": "ImagingStudy", "status": "available", "started": "2017-12-16", "series": series})
    assert (row.title, row.shelf) == ("Digital Radiography: Knee", "scan")


def test_a_medicine_is_found_in_words_in_what_is_contained_and_behind_a_reference() -> None:
    request: dict[str, Any] = {"resourceType": "MedicationRequest", "status": "active", "authoredOn": "2026-01-01"}
    assert one({**request, "medicationCodeableConcept": {"text": "Aspirin"}}).title == "Aspirin"
    contained = {"contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Ibuprofen"}}]}
    assert one({**request, **contained, "medicationReference": {"reference": "#m"}}).title == "Ibuprofen"
    frame = Frame("ehr", FRAME.zone, names={"Medication/9": "Iron"})
    assert one({**request, "medicationReference": {"reference": "Medication/9"}}, frame).title == "Iron"


def test_a_dosage_is_the_source_s_words_or_built_from_its_parts() -> None:
    request: dict[str, Any] = {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "A"}}
    assert one({**request, "dosageInstruction": [{"text": "One a day"}]}).dosage == "One a day"
    parts = {
        "doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablets"}}],
        "route": {"text": "by mouth"},
        "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
        "asNeededCodeableConcept": {"text": "pain"},
    }
    assert one({**request, "dosageInstruction": [parts]}).dosage == "2 tablets, by mouth, 3 × / day, as needed: pain"


def test_a_medicine_that_is_stopped_is_in_the_past() -> None:
    request: dict[str, Any] = {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "A"}}
    assert not one({**request, "status": "stopped"}).active
    assert one({**request, "status": "on-hold"}).active


def test_a_problem_keeps_when_it_began_however_that_is_said() -> None:
    problem: dict[str, Any] = {"resourceType": "Condition", "code": {"text": "Asthma"}}
    row = one({**problem, "onsetDateTime": "2019-03"})
    assert (row.date_text, row.date_precision, row.detail["since"]) == ("2019-03", "month", True)
    words = one({**problem, "onsetString": "as a child", "recordedDate": "2020-01-02"})
    assert (labelled(words, "began"), words.date_text, words.detail["since"]) == ("as a child", "2020-01-02", False)
    aged = one({**problem, "onsetAge": {"value": 51, "unit": "years"}})
    assert {"label": "began_age", "value": "51", "unit": "years", "comparator": ""} in aged.detail["facts"]


def test_a_problem_that_is_over_or_ruled_out_is_in_the_past() -> None:
    problem: dict[str, Any] = {"resourceType": "Condition", "code": {"text": "Asthma"}}
    assert not one({**problem, "clinicalStatus": {"coding": [{"code": "resolved"}]}}).active
    ruled_out = one({**problem, "verificationStatus": {"coding": [{"code": "refuted"}]}})
    assert (ruled_out.active, ruled_out.detail["sure"]) == (False, "refuted")


def test_an_allergy_says_what_happens_and_how_grave_it_is() -> None:
    row = one({
        "resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}, "criticality": "high",
        "reaction": [{"manifestation": [{"text": "Hives"}, {"text": "Swelling"}], "severity": "severe"}],
    })  # fmt: skip
    assert (row.reaction, row.serious, row.active) == ("Hives, Swelling", True, True)


def test_a_vaccine_that_was_not_given_says_so() -> None:
    row = one({"resourceType": "Immunization", "status": "not-done", "vaccineCode": {"text": "Flu"}})
    assert not row.given


def test_a_visit_has_a_time_a_place_and_people() -> None:
    row = one({
        "resourceType": "Appointment", "status": "booked", "description": "Check-up",
        "start": "2026-11-24T10:30:00-05:00",
        "participant": [
            {"actor": {"reference": "Patient/1", "display": "Alice"}},
            {"actor": {"reference": "Practitioner/chen"}},
            {"actor": {"reference": "Location/1", "display": "Room 5"}},
        ],
    })  # fmt: skip
    assert (row.title, row.with_whom, row.place, row.planned) == ("Check-up", "Dr. Chen", "Room 5", True)
    assert not one({"resourceType": "Appointment", "status": "cancelled"}).planned
    past = one({"resourceType": "Encounter", "status": "finished", "period": {"start": "2026-01-01T09:00:00Z"}})
    assert not past.planned


def test_a_document_says_where_its_files_are() -> None:
    content = [{"attachment": {"contentType": "application/pdf", "url": "Binary/1", "size": 12}}]
    row = one({"resourceType": "DocumentReference", "status": "current", "description": "Letter", "content": content})
    assert row.detail["files"] == [{
        "path": "content/0/attachment", "type": "application/pdf", "title": "", "size": "12", "url": "Binary/1",
        "inline": False, "language": "", "created": "",
    }]  # fmt: skip


def test_a_care_team_is_its_people_without_the_patient() -> None:
    made = rows({
        "resourceType": "CareTeam", "id": "t", "name": "Heart team", "status": "active",
        "participant": [
            {"member": {"reference": "Patient/1", "display": "Alice"}},
            {"member": {"reference": "Practitioner/chen"}, "role": [{"text": "Heart doctor"}]},
        ],
    })  # fmt: skip
    assert [(row.title, row.role, row.team) for row in made] == [("Dr. Chen", "Heart doctor", "Heart team")]


def test_other_types_are_shown_with_all_that_their_fields_say() -> None:
    row = one({
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk more"},
        "startDate": "2026-05-06",
        "target": [{"measure": {"text": "Steps"}, "detailQuantity": {"value": 9000, "unit": "steps"}}],
    })  # fmt: skip
    assert (row.kind, row.title, row.status, row.date_text) == ("Goal", "Walk more", "active", "2026-05-06")
    assert labelled(row, "field:target") == "Steps, 9000 steps"


def test_a_type_that_r4_does_not_know_is_kept_and_counted() -> None:
    made = project(Resource(SOURCE, "Spaceship", "1", {"resourceType": "Spaceship"}), FRAME)
    assert made.rows == []
    assert made.problems == ["Spaceship is a type that the record does not show"]


def test_a_resource_without_a_name_is_shown_and_counted() -> None:
    made = project(Resource(SOURCE, "Condition", "1", {"resourceType": "Condition"}), FRAME)
    assert len(made.rows) == 1
    assert made.problems == ["Condition: Condition has no name"]

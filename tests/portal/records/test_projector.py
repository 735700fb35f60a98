"""The projector in the synchronisation: new, changed, withdrawn; the same from either side."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.registry import MirrorRow
from foundation.tenancy import inside
from portal.ehr.models import Resource
from portal.ehr.projecting import rebuild
from portal.records.models import Panel, Result, Visit
from portal.records.projector import project_record
from tests.portal.records.conftest import Chart, of_alice, result


def everything(chart: Chart) -> list[Any]:
    """All projected rows of the patient as the database has them."""
    tables = (
        "result", "panel", "condition", "medication", "allergy", "immunization", "visit", "document", "procedure",
        "careteammember", "otheritem",
    )  # fmt: skip
    with inside(chart.hospital), connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(
                f"SELECT to_jsonb(t)::text FROM records_{table} t WHERE patient_id = %s ORDER BY id", [chart.patient.id]
            )
            found += cursor.fetchall()
        return found


def test_a_rebuild_from_the_mirror_leaves_the_same_rows(rich: Chart) -> None:
    before = everything(rich)
    assert len(before) > 400
    with inside(rich.hospital):
        rebuild(rich.patient.id)
    assert everything(rich) == before


def test_a_changed_result_takes_the_place_of_the_old_one(alice: Chart) -> None:
    alice.sync(result("a", 5.4))
    with inside(alice.hospital):
        [first] = Result.objects.values_list("id", "value_text")
    alice.sync(result("a", 5.9, status="corrected"))
    with inside(alice.hospital):
        assert list(Result.objects.values_list("id", "value_text", "status")) == [(first[0], "5.9", "corrected")]


def test_what_is_entered_in_error_leaves_the_page_and_stays_in_the_mirror(alice: Chart) -> None:
    alice.sync(result("a"))
    alice.sync(result("a", status="entered-in-error"))
    with inside(alice.hospital):
        assert not Result.objects.exists()
        assert Resource.objects.filter(type="Observation", fhir_id="a").exists()


def test_what_the_source_no_longer_has_leaves_the_page(alice: Chart) -> None:
    alice.sync(result("a"), result("b"))
    alice.ehr.delete("Observation", "a")
    alice.sync(full=True)
    with inside(alice.hospital):
        assert list(Result.objects.values_list("fhir_id", flat=True)) == ["b"]


def test_a_result_finds_its_report_whichever_comes_first(alice: Chart) -> None:
    report = of_alice(
        "DiagnosticReport", "r", status="final", code={"text": "Panel"}, result=[{"reference": "Observation/a"}]
    )
    alice.sync(report)
    alice.sync(result("a"))
    with inside(alice.hospital):
        assert Result.objects.get().panel_id == Panel.objects.get().id
    alice.sync(of_alice("DiagnosticReport", "r", status="entered-in-error", code={"text": "Panel"}))
    with inside(alice.hospital):
        assert Result.objects.get().panel_id is None


def test_names_come_from_those_who_are_pointed_to(alice: Chart) -> None:
    chen = {"resourceType": "Practitioner", "id": "chen", "name": [{"family": "Chen", "prefix": ["Dr."]}]}
    visit = of_alice(
        "Encounter", "e", status="finished", period={"start": "2026-11-01T09:00:00Z"},
        participant=[{"individual": {"reference": "Practitioner/chen"}}],
    )  # fmt: skip
    alice.sync(chen, visit)
    with inside(alice.hospital):
        assert Visit.objects.get().with_whom == "Dr. Chen"


def test_a_chart_is_projected_in_a_number_of_statements_that_does_not_grow(alice: Chart) -> None:
    def rows(count: int) -> list[MirrorRow]:
        held = Resource.objects.get(type="Observation")
        return [
            MirrorRow(held.id, "Observation", f"x{n}", result(f"x{n}"), alice.patient.id, "1", "", "ehr")
            for n in range(count)
        ]

    alice.sync(result("a"))
    with inside(alice.hospital):
        project_record(alice.patient.id, rows(1), [])
        with CaptureQueriesContext(connection) as few:
            project_record(alice.patient.id, rows(2), [])
        with CaptureQueriesContext(connection) as many:
            project_record(alice.patient.id, rows(500), [])
    assert len(many) == len(few)


def test_a_report_without_the_results_that_it_names_stands_in_the_list(alice: Chart) -> None:
    report = of_alice(
        "DiagnosticReport", "r", status="final", code={"text": "Panel"}, result=[{"reference": "Observation/a"}],
        category=[{"coding": [{"code": "LAB"}]}], effectiveDateTime="2026-11-16",
    )  # fmt: skip
    alice.sync(report)
    assert "/results/reports/" in alice.page("/results/")
    alice.sync(result("a"))
    with inside(alice.hospital):
        assert not Panel.objects.get().listed

"""Charts that nobody here wrote: each page answers, each value of the chart is on them, nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.accounts.models import User
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Resource, Unprojected
from portal.ehr.payload import decode
from portal.ehr.sync import synchronise
from portal.records.models import OtherItem, Panel, Result, Visit
from portal.records.projection import ELSEWHERE
from portal.records.projector import TABLES
from tests.portal.records.conftest import BY, Chart, connect
from tests.portal.records.test_pages import PAGES, every_list_page, shown_numbers, values

SAMPLES = os.environ.get("PORTICO_SAMPLES", "")
FILES = sorted(Path(SAMPLES).glob("fhir/**/*.json")) if SAMPLES else []
FEW = (*FILES[:1], *FILES[-1:])


@pytest.fixture
def chart_of(
    mercy: HospitalRecord, ehr: MemoryEHR, client_for: Callable[..., Client], person: Callable[..., User]
) -> Callable[[Path], Chart]:
    def make(file: Path) -> Chart:
        ehr.load(decode(file.read_bytes()))
        with inside(mercy):
            connect()
            synchronise(by=BY)
            patient = Patient.objects.get()
        user = person(mercy, "alice", patient=patient)
        return Chart(mercy, ehr, patient, user, client_for(mercy, user))

    return make


def walk(chart: Chart) -> None:
    with inside(chart.hospital):
        held = Resource.objects.filter(patient=chart.patient).exclude(type__in=ELSEWHERE)
        wanted = set(held.values_list("type", "fhir_id"))
        rows = {
            key for table in TABLES.values() for key in table._default_manager.values_list("source_type", "fhir_id")
        }
        assert not Unprojected.objects.exists()
        things = [f"/results/{Result.objects.order_by('?').first().id}/"]  # type: ignore[union-attr]
        things += [f"/results/reports/{pk}/" for pk in Panel.objects.values_list("id", flat=True)[:5]]
        things += [f"/visits/{pk}/" for pk in Visit.objects.values_list("id", flat=True)[:5]]
        things += [f"/records/other/{kind}/" for kind in set(OtherItem.objects.values_list("kind", flat=True))]
    assert wanted == rows
    for path in (*PAGES, *things):
        assert chart.page(path)
    shown = set(values(f"<div>{every_list_page(chart, least=1)}{chart.page('/records/vitals/')}</div>"))
    sent = [body for (kind, _id), body in chart.ehr.resources.items() if kind == "Observation"]
    assert {value for body in sent for value, _unit in shown_numbers(body)} <= shown


@pytest.mark.skipif(not FILES, reason="PORTICO_SAMPLES does not name a folder with sample data.")
@pytest.mark.parametrize("file", FEW, ids=lambda path: path.stem[:24])
def test_a_foreign_chart_is_shown_whole(file: Path, chart_of: Callable[[Path], Chart]) -> None:
    walk(chart_of(file))


@pytest.mark.slow
@pytest.mark.skipif(not FILES, reason="PORTICO_SAMPLES does not name a folder with sample data.")
@pytest.mark.parametrize("file", FILES[1:-1], ids=lambda path: path.stem[:24])
def test_every_foreign_chart_is_shown_whole(file: Path, chart_of: Callable[[Path], Chart]) -> None:
    walk(chart_of(file))

"""Alice, a patient of mercy with a rich chart, read from an EHR in this process's memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client

from config.demo.charts.bundles import hospital_resources
from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.accounts.models import User
from portal.ehr.actions import store_connection
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.sync import synchronise

BY = Actor.command("tests")
ADDRESS = "memory://records"
DAY = date(2026, 11, 22)
Json = dict[str, Any]


@pytest.fixture
def ehr() -> Iterator[MemoryEHR]:
    MemoryEHR.forget(ADDRESS)
    yield MemoryEHR.at(ADDRESS)
    MemoryEHR.forget(ADDRESS)


@dataclass
class Chart:
    """A patient, the person who opens their record, and a browser that is signed in."""

    hospital: HospitalRecord
    ehr: MemoryEHR
    patient: Patient
    user: User
    client: Client

    def sync(self, *resources: Json, full: bool = False) -> None:
        self.ehr.put_all(list(resources))
        with inside(self.hospital):
            synchronise(by=BY, full=full)

    def page(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return str(response.content.decode())


def patient_resource(fhir_id: str = "alice") -> Json:
    return {
        "resourceType": "Patient", "id": fhir_id, "birthDate": "1968-03-21", "gender": "female",
        "name": [{"use": "official", "given": ["Alice"], "family": "Moreno"}],
    }  # fmt: skip


def result(fhir_id: str, value: Any = 5.4, **more: Any) -> Json:
    return {
        "resourceType": "Observation", "id": fhir_id, "status": "final", "subject": {"reference": "Patient/alice"},
        "category": [{"coding": [{"code": "laboratory"}]}], "issued": "2026-11-16T12:00:00Z",
        "code": {"text": "Hemoglobin A1c", "coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
        "effectiveDateTime": "2026-11-16T08:10:00-05:00", "valueQuantity": {"value": value, "unit": "%", "code": "%"},
        "referenceRange": [{"low": {"value": 4, "unit": "%"}, "high": {"value": 5.6, "unit": "%"}}],
        **more,
    }  # fmt: skip


def of_alice(kind: str, fhir_id: str, **more: Any) -> Json:
    return {"resourceType": kind, "id": fhir_id, "subject": {"reference": "Patient/alice"}, **more}


def connect() -> None:
    store_connection(by=BY, kind="memory", base_url=ADDRESS, settings={"parallel": 1})


@pytest.fixture
def alice(
    mercy: HospitalRecord, ehr: MemoryEHR, client_for: Callable[..., Client], person: Callable[..., User]
) -> Chart:
    """Alice with nothing in her chart yet."""
    with inside(mercy):
        connect()
        ehr.put_all([patient_resource()])
        synchronise(by=BY)
        patient = Patient.objects.get(fhir_id="alice")
    user = person(mercy, "alice", patient=patient, given_name="Alice")
    return Chart(mercy, ehr, patient, user, client_for(mercy, user))


@pytest.fixture
def rich(
    mercy: HospitalRecord, ehr: MemoryEHR, client_for: Callable[..., Client], person: Callable[..., User]
) -> Chart:
    """The demo's rich chart: every kind of value, odd dates, corrected and withdrawn results."""
    ehr.put_all(rich_resources())
    with inside(mercy):
        connect()
        synchronise(by=BY)
        patient = Patient.objects.get(fhir_id="p1001")
    user = person(mercy, "alice", patient=patient, given_name="Alice")
    return Chart(mercy, ehr, patient, user, client_for(mercy, user))


def rich_resources() -> list[Json]:
    """Of the demo hospital only what is p1001's or everybody's."""
    found = hospital_resources("mercy", DAY)
    return [
        body
        for body in found
        if "p1001" in str(body) or ("Patient/" not in str(body) and body["resourceType"] != "Patient")
    ]

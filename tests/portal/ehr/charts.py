"""Small charts for tests: Alice's, and that of a stranger."""

from __future__ import annotations

from typing import Any

type Json = dict[str, Any]


def patient(fhir_id: str = "alice", family: str = "Alvarez", **more: Any) -> Json:
    return {
        "resourceType": "Patient", "id": fhir_id, "birthDate": "1984-03-02", "gender": "female",
        "name": [{"use": "official", "given": ["Alice"], "family": family}],
        "identifier": [{"system": "urn:mrn", "value": f"MRN-{fhir_id}", "type": {"coding": [{"code": "MR"}]}}],
        **more,
    }  # fmt: skip


def result(fhir_id: str, of: str = "alice", value: float = 5.4, **more: Any) -> Json:
    return {
        "resourceType": "Observation", "id": fhir_id, "status": "final", "subject": {"reference": f"Patient/{of}"},
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "Hemoglobin A1c"},
        "effectiveDateTime": "2026-01-05T09:30:00-05:00", "valueQuantity": {"value": value, "unit": "%"},
        "performer": [{"reference": "Practitioner/chen"}], **more,
    }  # fmt: skip


def condition(fhir_id: str, of: str = "alice", **more: Any) -> Json:
    return {
        "resourceType": "Condition", "id": fhir_id, "subject": {"reference": f"Patient/{of}"},
        "code": {"text": "Asthma"}, **more,
    }  # fmt: skip


def visit(fhir_id: str, of: str = "alice") -> Json:
    return {
        "resourceType": "Appointment", "id": fhir_id, "status": "booked", "start": "2026-12-01T10:30:00-05:00",
        "participant": [
            {"actor": {"reference": f"Patient/{of}"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/chen"}, "status": "accepted"},
        ],
    }  # fmt: skip


def chen() -> Json:
    return {"resourceType": "Practitioner", "id": "chen", "name": [{"prefix": ["Dr."], "family": "Chen"}]}


def hospital(patients: int = 3, results: int = 4) -> list[Json]:
    """A hospital of some patients with results, a condition and a visit each."""
    made: list[Json] = [chen()]
    for number in range(patients):
        who = f"p{number}"
        made.append(patient(who, family=f"Family{number}"))
        made += [result(f"{who}-r{i}", who, value=float(i) + 0.5) for i in range(results)]
        made += [condition(f"{who}-c", who), visit(f"{who}-v", who)]
    return made

"""The sandbox EHR asks for SMART Backend Services, lets the tools' token read, and answers as FHIR has it."""

import httpx
import pytest

from tests.sandbox import PATIENTS, SandboxEhr, foreign_bundles


def test_a_stranger_reads_nothing(sandbox_ehr: SandboxEhr) -> None:
    assert httpx.get(f"{sandbox_ehr.base_url}/Patient").status_code == 401
    assert httpx.get(f"{sandbox_ehr.base_url}/metadata").json()["fhirVersion"] == "4.0.1"


def test_the_open_console_of_the_server_is_gone(sandbox_ehr: SandboxEhr) -> None:
    root = sandbox_ehr.base_url.removesuffix("/fhir")
    assert httpx.get(f"{root}/ui").status_code == 404
    assert httpx.get(f"{root}/ui/resources").status_code == 404


def test_the_static_token_reads_and_does_not_write(sandbox_ehr: SandboxEhr) -> None:
    found = sandbox_ehr.get("Patient", _count="50")
    assert {entry["resource"]["id"] for entry in found["entry"]} == set(PATIENTS)
    bearer = {"Authorization": f"Bearer {sandbox_ehr.token}"}
    assert httpx.delete(f"{sandbox_ehr.base_url}/Patient/p1001", headers=bearer).status_code == 403


def test_a_signed_assertion_earns_a_token_once(sandbox_ehr: SandboxEhr) -> None:
    assertion = sandbox_ehr.assertion()
    granted = sandbox_ehr.access_token("system/*.read", assertion)
    assert granted.json()["scope"] == "system/*.read"
    bearer = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    assert httpx.get(f"{sandbox_ehr.base_url}/Patient/p1001", headers=bearer).status_code == 200
    assert sandbox_ehr.access_token("system/*.read", assertion).status_code == 401


def test_an_assertion_for_somebody_else_is_refused(sandbox_ehr: SandboxEhr) -> None:
    stranger = sandbox_ehr.assertion(iss="somebody", sub="somebody")
    assert sandbox_ehr.access_token("system/*.read", stranger).status_code == 401


@pytest.mark.parametrize("kind", ["Observation", "CareTeam", "Goal", "DocumentReference", "Appointment"])
def test_a_search_by_patient_gives_that_patient_alone(sandbox_ehr: SandboxEhr, kind: str) -> None:
    found = sandbox_ehr.get(kind, patient="p1001", _count="1000")
    assert found["total"] == len(found["entry"]) > 0
    assert all(entry["resource"]["id"].startswith("p1001-") for entry in found["entry"])


def test_it_takes_patients_that_another_generator_made(fresh_sandbox_ehr: SandboxEhr) -> None:
    answer = fresh_sandbox_ehr.load(foreign_bundles(1)[0])
    assert answer["type"] == "transaction-response"
    assert fresh_sandbox_ehr.get("Patient")["total"] == len(PATIENTS) + 1


def test_a_change_and_a_withdrawal_show_at_once(fresh_sandbox_ehr: SandboxEhr) -> None:
    allergy = fresh_sandbox_ehr.get("AllergyIntolerance/p1002-alg-001")
    changed = fresh_sandbox_ehr.put({**allergy, "criticality": "high"})
    assert changed["meta"]["versionId"] == "2"
    fresh_sandbox_ehr.delete("AllergyIntolerance", "p1002-alg-001")
    with pytest.raises(httpx.HTTPStatusError, match="410"):
        fresh_sandbox_ehr.get("AllergyIntolerance/p1002-alg-001")

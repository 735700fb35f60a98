"""One suite for every connector: in memory, FHIR R4 at the sandbox EHR, FHIR R4 at a server of another family."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from portal.ehr.connector import EHRConnector
from portal.ehr.connectors.fhir_r4 import search
from portal.ehr.connectors.fhir_r4.connector import FhirR4
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.ownership import patient_key
from portal.ehr.planning import overlapped
from portal.ehr.values import Ability, PatientKey
from tests.portal.ehr.charts import condition, patient, result, visit
from tests.portal.ehr.worlds import MemoryWorld, SandboxWorld, World, medplum
from tests.sandbox import SandboxEhr, sandbox_ehr

__all__ = ["sandbox_ehr"]
RESULTS = 23
ALICE, STRANGER = "contract-alice", "contract-stranger"


def practitioner(fhir_id: str) -> dict[str, object]:
    return {"resourceType": "Practitioner", "id": fhir_id, "name": [{"family": f"Dr-{fhir_id}"}]}


def fill(world: World) -> None:
    for number in (1, 2, 3):
        world.put(practitioner(f"contract-d{number}"))
    for who in (ALICE, STRANGER):
        world.put(patient(who))
    for number in range(RESULTS):
        made = result(f"contract-r{number}", ALICE, value=float(number))
        made["performer"] = [{"reference": "Practitioner/contract-d1"}]
        world.put(made)
    world.put({**result("contract-s", STRANGER), "performer": [{"reference": "Practitioner/contract-d2"}]})
    world.put(condition("contract-c", ALICE))
    appointment = visit("contract-v", ALICE)
    appointment["participant"][1]["actor"]["reference"] = "Practitioner/contract-d1"
    world.put(appointment)


@pytest.fixture(scope="module", params=["memory", "sandbox", pytest.param("medplum", marks=pytest.mark.slow)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "medplum":
        with medplum() as made:
            fill(made)
            yield made
        return
    found: World = MemoryWorld()
    if request.param == "sandbox":
        ehr: SandboxEhr = request.getfixturevalue("sandbox_ehr")
        found = SandboxWorld(ehr)
    fill(found)
    yield found
    for kind, fhir_id in (
        *(("Observation", f"contract-r{n}") for n in range(RESULTS)), ("Observation", "contract-s"),
        ("Condition", "contract-c"), ("Appointment", "contract-v"), ("Patient", ALICE), ("Patient", STRANGER),
        *(("Practitioner", f"contract-d{n}") for n in (1, 2, 3)),
    ):  # fmt: skip
        found.delete(kind, fhir_id)


@pytest.fixture
def connector(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[EHRConnector]:
    monkeypatch.setattr(search, "PAGE_SIZE", "10")
    made = world.connector()
    yield made
    made.close()


@pytest.fixture
def alice(connector: EHRConnector) -> PatientKey:
    found = connector.find_patient(ALICE)
    assert found is not None
    return patient_key(found)


def test_its_check_passes_and_names_the_steps(connector: EHRConnector) -> None:
    findings = list(connector.check())
    assert findings
    assert all(finding.passed for finding in findings), findings
    assert findings[-1].step == "patients"


def test_it_lists_all_patients(connector: EHRConnector) -> None:
    listed = {body.fhir_id for page in connector.patients() for body in page.patients}
    assert {ALICE, STRANGER} <= listed


def test_it_finds_a_patient_and_says_when_there_is_none(connector: EHRConnector) -> None:
    found = connector.find_patient(ALICE)
    assert found is not None
    assert found.body["birthDate"] == "1984-03-02"
    assert connector.find_patient("contract-nobody") is None


def test_it_offers_the_kinds_of_a_record(connector: EHRConnector) -> None:
    assert {"Observation", "Condition", "Appointment"} <= set(connector.kinds())
    assert "Patient" not in connector.kinds()


def test_it_reads_all_of_a_kind_over_several_pages(connector: EHRConnector, alice: PatientKey) -> None:
    found = connector.changes_since(alice, "Observation")
    assert {r.fhir_id for r in found.resources if r.type == "Observation"} == {f"contract-r{n}" for n in range(RESULTS)}
    assert (found.complete, found.whole, found.fault, found.rejected) == (True, True, "", 0)
    assert found.as_of


def test_it_reads_what_names_the_patient_in_other_ways(connector: EHRConnector, alice: PatientKey) -> None:
    found = connector.changes_since(alice, "Appointment")
    assert {r.fhir_id for r in found.resources if r.type == "Appointment"} == {"contract-v"}


def test_nothing_of_another_patient_is_in_the_answer(connector: EHRConnector, alice: PatientKey) -> None:
    everything = [r for kind in ("Observation", "Condition") for r in connector.changes_since(alice, kind).resources]
    assert "contract-s" not in {r.fhir_id for r in everything}


def test_an_increment_brings_what_changed(world: World, connector: EHRConnector, alice: PatientKey) -> None:
    before = connector.changes_since(alice, "Observation").as_of
    world.put({**result("contract-r3", ALICE, value=33.0), "performer": [{"reference": "Practitioner/contract-d1"}]})
    found = connector.changes_since(alice, "Observation", before)
    [changed] = [r for r in found.resources if r.fhir_id == "contract-r3"]
    assert float(changed.body["valueQuantity"]["value"]) == 33.0
    assert found.complete


def test_it_says_whose_records_changed(world: World, connector: EHRConnector) -> None:
    stranger = connector.find_patient(STRANGER)
    assert stranger is not None
    before = connector.changes_since(patient_key(stranger), "Observation").as_of
    world.put({**result("contract-s", STRANGER, value=1.0), "performer": [{"reference": "Practitioner/contract-d2"}]})
    changed = connector.changed_patients(["Observation", "Condition"], before)
    assert Ability.CHANGED_PATIENTS in connector.abilities
    assert STRANGER in changed.by_kind["Observation"]
    assert changed.as_of >= before


def test_its_ids_show_what_was_deleted(world: World, connector: EHRConnector, alice: PatientKey) -> None:
    world.put(condition("contract-gone", ALICE))
    assert connector.changes_since(alice, "Condition").complete
    assert connector.present_ids(alice, "Condition") == frozenset({"contract-c", "contract-gone"})
    world.delete("Condition", "contract-gone")
    assert connector.present_ids(alice, "Condition") == frozenset({"contract-c"})


def test_it_reads_by_id_those_that_exist(connector: EHRConnector) -> None:
    wanted = ["contract-d1", "contract-d3", "contract-d9"]
    assert {r.fhir_id for r in connector.read_many("Practitioner", wanted)} == {"contract-d1", "contract-d3"}
    assert [r.fhir_id for r in connector.read_many("Practitioner", ["contract-d2"])] == ["contract-d2"]


def test_a_document_that_is_not_there_is_said_to_be_missing(connector: EHRConnector) -> None:
    with pytest.raises(ConnectorError) as caught:
        connector.content("Binary/contract-none", limit=1000)
    assert (caught.value.fault, caught.value.permanent) == (Fault.NOT_FOUND, True)


def test_what_it_learned_can_be_stored_and_used_again(world: World, connector: EHRConnector, alice: PatientKey) -> None:
    connector.changes_since(alice, "Observation")
    learned = json.loads(json.dumps(connector.learned))
    assert isinstance(learned, dict)
    if isinstance(connector, FhirR4):
        assert learned["kinds"]["Observation"]["by"] == "patient"


def test_an_increment_overlaps_by_five_minutes() -> None:
    assert overlapped("2026-11-22T09:41:00.000Z") == "2026-11-22T09:36:00.000Z"
    assert overlapped("2026-11-22T09:41:00-05:00") == "2026-11-22T14:36:00.000Z"
    assert overlapped("") == ""

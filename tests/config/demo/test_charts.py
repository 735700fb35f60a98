"""The invented patients: whole, alike on each machine, and dated from the day of seeding."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import groupby

import pytest
from sekmet.fhir.common import walk_references
from sekmet.fhir.validation import structural_issues

from config.demo.charts import as_transaction, hospital_resources
from config.demo.charts.coding import Json

DAYS = (date(2026, 3, 2), date(2026, 11, 22), date(2028, 2, 29))
SLUGS = ("mercy", "riverside")


def resources(slug: str, day: date = DAYS[0]) -> list[Json]:
    return hospital_resources(slug, day)


def chart(slug: str, patient: str) -> dict[str, list[Json]]:
    own = [r for r in resources(slug) if str(r["id"]).split("-")[0] == patient]
    return {kind: list(rows) for kind, rows in groupby(sorted(own, key=_kind), _kind)}


def _kind(resource: Json) -> str:
    return str(resource["resourceType"])


def labs(slug: str, patient: str) -> list[Json]:
    observations = chart(slug, patient).get("Observation", [])
    return [o for o in observations if o["category"][0]["coding"][0]["code"] == "laboratory"]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_day_gives_the_same_bytes(slug: str) -> None:
    assert json.dumps(resources(slug)) == json.dumps(resources(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_ids_are_unique_and_do_not_depend_on_the_day(slug: str) -> None:
    ids = [[(r["resourceType"], r["id"]) for r in resources(slug, day)] for day in DAYS]
    assert ids[0] == ids[1] == ids[2]
    assert max(Counter(ids[0]).values()) == 1


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_resource_is_valid_fhir(slug: str, day: date) -> None:
    problems = [(r["id"], structural_issues(r)) for r in resources(slug, day) if structural_issues(r)]
    assert problems == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_reference_resolves_within_the_hospital(slug: str) -> None:
    seen: set[str] = {"#drug"}
    for resource in resources(slug):
        seen.add(f"{resource['resourceType']}/{resource['id']}")
    pointed = {ref["reference"] for resource in resources(slug) for ref in walk_references(resource)}
    assert pointed - seen == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_hospital_has_at_least_25_patients_who_may_sign_in(slug: str) -> None:
    patients = [r for r in resources(slug) if r["resourceType"] == "Patient" and r["active"]]
    assert len(patients) >= 25


@pytest.mark.parametrize("slug", SLUGS)
def test_one_chart_is_rich_and_one_is_nearly_empty(slug: str) -> None:
    assert len(labs(slug, "p1001")) >= 120
    assert sum(len(rows) for rows in chart(slug, "p1002").values()) <= 2


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_next_visit_of_the_rich_chart_lies_a_few_days_ahead(slug: str, day: date) -> None:
    booked = [r for r in resources(slug, day) if r["resourceType"] == "Appointment" and r["status"] == "booked"]
    starts = [datetime.fromisoformat(r["start"]).date() for r in booked if r["id"].startswith("p1001-")]
    nearest = min(start for start in starts if start > day)
    assert timedelta(2) <= nearest - day <= timedelta(4)
    assert all(start.weekday() < 5 for start in starts)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_newest_results_are_a_few_days_old_and_reach_four_years_back(slug: str) -> None:
    taken = sorted(o["effectiveDateTime"][:10] for o in labs(slug, "p1001") if len(o.get("effectiveDateTime", "")) > 10)
    assert timedelta(1) <= DAYS[0] - date.fromisoformat(taken[-1]) <= timedelta(10)
    assert DAYS[0] - date.fromisoformat(taken[0]) > timedelta(3.9 * 365)


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_that_happened_lies_in_the_future(slug: str) -> None:
    for resource in resources(slug):
        when = resource.get("effectiveDateTime") or resource.get("period", {}).get("start")
        if when and resource["resourceType"] in {"Observation", "DiagnosticReport", "Encounter"}:
            assert when[:10] <= DAYS[0].isoformat(), resource["id"]


def test_nobody_was_vaccinated_before_birth() -> None:
    for slug in SLUGS:
        born = {r["id"]: r["birthDate"] for r in resources(slug) if r["resourceType"] == "Patient"}
        for resource in resources(slug):
            if resource["resourceType"] == "Immunization" and "occurrenceDateTime" in resource:
                assert resource["occurrenceDateTime"] >= born[resource["patient"]["reference"][8:]], resource["id"]


def test_the_rich_chart_holds_what_pages_and_tests_need() -> None:
    kinds = chart("mercy", "p1001")
    for kind in (
        "AllergyIntolerance", "Appointment", "Binary", "CareTeam", "Condition", "DiagnosticReport", "Encounter",
        "DocumentReference", "Immunization", "ImagingStudy", "MedicationRequest", "Procedure",
    ):  # fmt: skip
        assert kinds[kind], kind
    statuses = {o["status"] for o in kinds["Observation"]}
    expected = {"final", "preliminary", "registered", "corrected", "amended", "entered-in-error", "cancelled"}
    assert expected <= statuses
    values = {key for o in kinds["Observation"] for key in o if key.startswith("value")}
    assert {"valueQuantity", "valueString", "valueCodeableConcept", "valueRatio", "valueRange"} <= values
    assert any(o.get("valueQuantity", {}).get("comparator") == "<" for o in kinds["Observation"])
    lengths = {len(o.get("effectiveDateTime", "")) for o in kinds["Observation"]}
    assert {0, 4, 7, 10, 25} <= lengths


def test_a_transaction_puts_each_resource_under_its_own_id() -> None:
    entry = as_transaction(resources("mercy")[:1])["entry"][0]
    assert entry["request"] == {"method": "PUT", "url": "Organization/org-1"}

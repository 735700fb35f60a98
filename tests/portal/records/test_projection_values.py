"""Values, dates, ranges and verdicts: kept exactly, chosen carefully, never made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from portal.records.projection import Frame, Resource, project
from portal.records.projection.dates import read
from portal.records.projection.rows import PanelRow, ResultRow
from portal.records.projection.verdict import Verdict, flag_of, verdict_of

NEW_YORK = ZoneInfo("America/New_York")
FRAME = Frame("ehr", NEW_YORK, "female", date(1980, 5, 1), {"Practitioner/chen": "Dr. Chen", "Specimen/s": "Urine"})
SOURCE = UUID(int=7)


def rows(body: dict[str, Any], frame: Frame = FRAME) -> list[Any]:
    return project(Resource(SOURCE, body["resourceType"], body.get("id", "x"), body), frame).rows


def observation(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"text": "Glucose", "coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
        "effectiveDateTime": "2026-11-16T08:10:00-05:00",
        **more,
    }


def only(body: dict[str, Any], frame: Frame = FRAME) -> ResultRow:
    [row] = rows(body, frame)
    assert isinstance(row, ResultRow)
    return row


def test_a_decimal_keeps_every_digit_of_the_source() -> None:
    row = only(observation(valueQuantity={"value": Decimal("5.40"), "unit": "mg/dL", "code": "mg/dL"}))
    assert (row.value_kind, row.value_text, row.unit, row.unit_code) == ("quantity", "5.40", "mg/dL", "mg/dL")
    assert only(observation(valueQuantity={"value": Decimal("161.93503897408004")})).value_text == "161.93503897408004"
    assert only(observation(valueQuantity={"value": Decimal("1E+2")})).value_text == "100"
    assert only(observation(valueQuantity={"value": 0, "unit": "x"})).value_text == "0"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ({"valueString": "Clear"}, "string", "Clear"),
        ({"valueCodeableConcept": {"coding": [{"display": "Negative"}]}}, "coded", "Negative"),
        ({"valueBoolean": False}, "boolean", "false"),
        ({"valueInteger": 3}, "integer", "3"),
        ({"valueRange": {"low": {"value": 0, "unit": "h"}, "high": {"value": 5, "unit": "h"}}}, "range", "0 h – 5 h"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 80}}}, "ratio", "1 / 80"),
        ({"valueTime": "08:10:00"}, "time", "08:10:00"),
        ({"valueDateTime": "2019-03"}, "date", "2019-03"),
        ({"valuePeriod": {"start": "2019", "end": "2020"}}, "period", "2019 / 2020"),
        ({"valueSampledData": {"origin": {"value": 0, "unit": "mV"}, "period": 10, "data": "1 2 E"}}, "sampled", "3"),
        ({"valueAttachment": {"title": "Picture"}}, "attachment", "Picture"),
        ({}, "none", ""),
    ],
)  # fmt: skip
def test_every_kind_of_value_is_read(value: dict[str, Any], kind: str, text: str) -> None:
    row = only(observation(**value))
    assert (row.value_kind, row.value_text) == (kind, text)


def test_an_unknown_kind_of_value_is_kept_and_counted() -> None:
    made = project(Resource(SOURCE, "Observation", "o", observation(valueMoney={"value": 1})), FRAME)
    assert [row.value_kind for row in made.rows] == ["none"]  # type: ignore[attr-defined]
    assert made.problems == ["Observation: valueMoney could not be read"]


def test_a_comparator_stays_with_its_value() -> None:
    row = only(observation(valueQuantity={"value": Decimal("0.01"), "comparator": "<", "unit": "mIU/L"}))
    assert (row.comparator, row.value_text) == ("<", "0.01")


@pytest.mark.parametrize(
    ("text", "precision", "day"),
    [
        ("2019", "year", date(2019, 1, 1)),
        ("2019-03", "month", date(2019, 3, 1)),
        ("2019-03-04", "day", date(2019, 3, 4)),
        ("2019-03-04T01:30:00Z", "time", date(2019, 3, 3)),
        ("2019-03-04T01:30:00.123+00:00", "time", date(2019, 3, 3)),
        ("2019-03-04T09:00", "time", date(2019, 3, 4)),
        ("2019-13-04", "", date(1, 1, 1)),
        ("spring", "", date(1, 1, 1)),
    ],
)
def test_a_date_keeps_its_text_and_its_precision(text: str, precision: str, day: date) -> None:
    when = read(text, NEW_YORK)
    assert (when.text, when.precision, when.day) == (text, precision, day)


def test_components_become_results_of_their_own() -> None:
    body = observation(
        code={"text": "Blood pressure"},
        component=[
            {"code": {"text": "Upper"}, "valueQuantity": {"value": 119, "unit": "mmHg"}},
            {"code": {"text": "Lower"}, "valueQuantity": {"value": 69, "unit": "mmHg"}},
        ],
    )
    upper, lower = rows(body)
    assert (upper.title, upper.value_text, lower.title, lower.value_text) == ("Upper", "119", "Lower", "69")
    assert upper.parent_id == lower.parent_id
    assert upper.parent_title == "Blood pressure"
    assert len({upper.id, lower.id, upper.parent_id}) == 3


def test_an_observation_with_a_value_and_components_keeps_both() -> None:
    body = observation(valueString="See below", component=[{"code": {"text": "Part"}, "valueInteger": 1}])
    assert [row.value_text for row in rows(body)] == ["See below", "1"]


def test_an_observation_that_only_gathers_others_is_a_panel() -> None:
    [panel] = rows(observation(hasMember=[{"reference": "Observation/a"}, {"reference": "Observation/b"}]))
    assert isinstance(panel, PanelRow)
    assert len(panel.result_ids) == 2


def test_the_reason_for_a_missing_value_is_kept() -> None:
    row = only(observation(dataAbsentReason={"text": "Specimen clotted"}))
    assert {"label": "absent", "text": "Specimen clotted"} in row.detail["facts"]


def test_ids_last_from_one_projection_to_the_next() -> None:
    assert only(observation(valueInteger=1)).id == only(observation(valueInteger=2)).id


def test_urine_is_not_blood() -> None:
    assert only(observation(valueInteger=1)).shelf == "blood"
    assert only(observation(valueInteger=1, specimen={"reference": "Specimen/s"})).shelf == "other"


NORMAL = {"low": {"value": 70, "unit": "mg/dL"}, "high": {"value": 99, "unit": "mg/dL"}}


def ranged(value: Any, *ranges: dict[str, Any], frame: Frame = FRAME, **more: Any) -> ResultRow:
    quantity = {"value": value, "unit": "mg/dL", **more.pop("quantity", {})}
    return only(observation(valueQuantity=quantity, referenceRange=list(ranges), **more), frame)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (70, "usual"), (99, "usual"), (85, "usual"),
        (100, "little_high"), (106, "little_high"), (110, "high"), (140, "well_high"),
        (69, "little_low"), (60, "low"), (30, "well_low"),
    ],
)  # fmt: skip
def test_a_verdict_says_how_far_from_the_range(value: int, verdict: str) -> None:
    assert ranged(value, NORMAL).verdict == verdict


def test_without_range_and_flag_there_is_no_verdict() -> None:
    assert ranged(500).verdict == ""
    assert ranged(500, {"text": "see comment"}).verdict == ""


def test_a_range_in_another_unit_is_shown_and_never_compared() -> None:
    row = ranged(5, {"low": {"value": 70, "unit": "mmol/L"}, "high": {"value": 99, "unit": "mmol/L"}})
    assert (row.verdict, row.low_text) == ("", "")
    assert row.detail["ranges"][0]["low"] == "70"


def test_the_range_for_this_sex_and_age_is_chosen_and_the_others_are_kept() -> None:
    men = {"low": {"value": 1}, "high": {"value": 2}, "appliesTo": [{"coding": [{"code": "male"}]}]}
    women = {"low": {"value": 3}, "high": {"value": 4}, "appliesTo": [{"text": "Female"}]}
    children = {**NORMAL, "age": {"high": {"value": 18, "unit": "a"}}}
    row = ranged(3, men, women, children)
    assert (row.low_text, row.high_text, row.verdict) == ("3", "4", "usual")
    assert len(row.detail["ranges"]) == 3


def test_two_ranges_that_could_both_be_meant_make_no_verdict() -> None:
    row = ranged(85, NORMAL, {"low": {"value": 1}, "high": {"value": 2}})
    assert (row.low_text, row.verdict) == ("", "")


def test_a_range_for_a_group_that_we_cannot_know_is_not_used() -> None:
    assert ranged(85, {**NORMAL, "appliesTo": [{"text": "First trimester"}]}).verdict == ""


def test_a_therapeutic_range_is_not_the_usual_one() -> None:
    assert ranged(85, {**NORMAL, "type": {"coding": [{"code": "therapeutic"}]}}).verdict == ""


@pytest.mark.parametrize(
    ("codes", "value", "verdict"),
    [
        ("H", 106, "little_high"), ("N", 85, "usual"),
        ("H", 85, "flagged_high"), ("N", 140, "flagged_usual"),
        ("HH", 140, "critical_high"), ("LL", 20, "critical_low"), ("AA", 85, "critical"),
    ],
)  # fmt: skip
def test_the_laboratory_s_flag_wins_over_the_range(codes: str, value: int, verdict: str) -> None:
    assert ranged(value, NORMAL, interpretation=[{"coding": [{"code": codes}]}]).verdict == verdict


@pytest.mark.parametrize(
    ("comparator", "value", "low", "high", "verdict"),
    [
        ("<", "5", "", "10", "usual"), ("<", "5", "0", "10", "usual"), ("<", "5", "1", "10", ""),
        ("<", "1", "2", "10", "low"), (">", "60", "60", "", "usual"), (">", "100", "", "60", "high"),
        (">", "50", "0", "60", ""), ("<", "20", "", "10", ""),
    ],
)  # fmt: skip
def test_a_bounded_value_gets_a_verdict_only_where_all_its_values_agree(
    comparator: str, value: str, low: str, high: str, verdict: str
) -> None:
    assert verdict_of(Decimal(value), comparator, low, high, Verdict.NONE) == verdict


def test_the_gravest_flag_counts() -> None:
    assert flag_of(frozenset({"N", "HH", "H"})) is Verdict.CRITICAL_HIGH


def test_one_sided_ranges_have_verdicts_too() -> None:
    assert ranged(96, {"high": {"value": 100, "unit": "mg/dL"}}).verdict == "usual"
    assert ranged(105, {"high": {"value": 100, "unit": "mg/dL"}}).verdict == "little_high"
    assert ranged(30, {"low": {"value": 60, "unit": "mg/dL"}}).verdict == "low"


def test_what_is_entered_in_error_makes_no_row() -> None:
    assert rows(observation(status="entered-in-error")) == []
    refuted = {"resourceType": "Condition", "verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    assert rows(refuted) == []


def test_another_patient_s_mirror_row_is_of_no_matter_to_a_projection() -> None:
    first = project(Resource(uuid4(), "Observation", "o", observation(valueInteger=1)), FRAME)
    second = project(Resource(uuid4(), "Observation", "o", observation(valueInteger=1)), FRAME)
    assert [row.id for row in first.rows] == [row.id for row in second.rows]

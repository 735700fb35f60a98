"""Whatever a server sends, a projection answers: rows, problems, or both. It never raises and never loses a value."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.ehr.payload import decode
from portal.records.projection import PROJECTIONS, Resource, project
from portal.records.projection.other import KINDS
from portal.records.projection.rows import ResultRow
from tests.portal.records.test_projection_values import FRAME, SOURCE

SAMPLES = os.environ.get("PORTICO_SAMPLES", "")
FILES = sorted(Path(SAMPLES).glob("fhir/**/*.json")) if SAMPLES else []
FIELDS = (
    "status", "code", "category", "valueQuantity", "valueString", "valueRange", "valueSampledData", "component",
    "value",
    "referenceRange", "low", "high", "interpretation", "effectiveDateTime", "effectivePeriod", "start", "end", "coding",
    "system", "display", "text", "div", "reference", "contained", "result", "hasMember", "presentedForm", "participant",
    "actor", "dosageInstruction", "timing", "repeat", "doseAndRate", "content", "attachment", "data", "url", "reaction",
    "onsetAge", "period", "verificationStatus", "note", "name", "given", "appliesTo", "age", "series", "size", "issued",
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.decimals()
    | st.text(max_size=20) | st.sampled_from(["2019-03", "#m", "Observation/1", "urn:uuid:1", "final", "a\x00b"])
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=25,
)
TYPES = sorted([*PROJECTIONS, *KINDS])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8))
@pytest.mark.security("S73")
def test_no_resource_can_make_a_projection_fail(kind: str, body: dict[str, Any]) -> None:
    made = project(Resource(SOURCE, kind, "x", {"resourceType": kind, **body}), FRAME)
    assert not [problem for problem in made.problems if "could not be read (" in problem]
    for row in made.rows:
        assert "\x00" not in row.title
        row.title.encode()


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_comes_out_as_the_same_number(value: Decimal) -> None:
    body = {"resourceType": "Observation", "code": {"text": "x"}, "valueQuantity": {"value": value}}
    [row] = project(Resource(SOURCE, "Observation", "x", body), FRAME).rows
    assert isinstance(row, ResultRow)
    assert len(row.value_text) >= 200 or Decimal(row.value_text) == value


@pytest.mark.skipif(not FILES, reason="PORTICO_SAMPLES does not name a folder with sample data.")
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem[:24])
def test_a_sample_file_is_projected_whole(file: Path) -> None:
    for entry in decode(file.read_bytes())["entry"]:
        body = entry["resource"]
        made = project(Resource(SOURCE, body["resourceType"], str(body.get("id", "x")), body), FRAME)
        assert made.problems == [], body["resourceType"]
        if body["resourceType"] == "Observation":
            _holds_every_value(body, [row for row in made.rows if isinstance(row, ResultRow)])


def _holds_every_value(body: dict[str, Any], rows: list[ResultRow]) -> None:
    holders = [holder for holder in [body, *body.get("component", [])] if "valueQuantity" in holder]
    sent = sorted((Decimal(h["valueQuantity"]["value"]), h["valueQuantity"]["unit"]) for h in holders)
    made = sorted((Decimal(row.value_text), row.unit) for row in rows if row.value_kind == "quantity")
    assert made == sent
    assert {row.date_text for row in rows} == {body["effectiveDateTime"]}

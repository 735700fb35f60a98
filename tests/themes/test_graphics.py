"""Graphics: every value has a place on its range, in both reading directions, and nothing is invented."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from themes import moments
from themes.graphics import BAND, axis_for, range_graphic
from themes.trends import trend_graphic

# Hypothesis takes the bounds without a zone and adds it.
instants = st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "hospital_zone", lambda: UTC)
    translation.activate("en")


@given(numbers, numbers, numbers)
def test_every_value_stays_on_the_drawing(value: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    for axis in (axis_for(value, low, high), axis_for(value, None, high), axis_for(value, low, None)):
        assert 0 <= axis.start <= axis.end <= 1
        assert 0 < axis.value < 1


@given(numbers, st.floats(0.01, 1e5))
def test_a_value_lies_within_the_band_only_if_it_is_in_range(low: float, span: float) -> None:
    inside = axis_for(low + span / 2, low, low + span)
    above = axis_for(low + span * 1.2, low, low + span)
    below = axis_for(low - span * 0.2, low, low + span)
    assert inside.start < inside.value < inside.end
    assert above.value > above.end
    assert below.value < below.start
    assert inside.end - inside.start == pytest.approx(BAND)


def test_a_range_graphic_says_in_words_what_it_draws() -> None:
    svg = range_graphic("5.9", "4.0", "5.6")
    assert "<title>Your value on the usual range</title>" in svg
    assert "<desc>Your value is 5.9. The usual range is 4.0 to 5.6.</desc>" in svg
    assert ">You 5.9<" in svg


def test_the_drawing_is_mirrored_for_languages_read_from_the_right() -> None:
    def dot(svg: str) -> float:
        return float(re.findall(r'cx="([\d.]+)%"', svg)[0])

    here = dot(range_graphic("5.9", "4.0", "5.6", size="list"))
    with translation.override("ar"):
        there = dot(range_graphic("5.9", "4.0", "5.6", size="list"))
    assert here + there == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("size", ["full", "small", "list"])
@pytest.mark.parametrize(("low", "high"), [("4.0", "5.6"), (None, "5.6"), ("4.0", None), ("5.6", "5.6")])
@pytest.mark.parametrize("value", ["5.9", "400", "-400", "4.8"])
def test_every_form_is_well_formed_and_without_inline_style(size: str, low: str, high: str, value: str) -> None:
    svg = range_graphic(value, low, high, size=size)  # type: ignore[arg-type]
    ElementTree.fromstring(svg)
    assert "style=" not in svg
    assert "viewBox" not in svg


@pytest.mark.parametrize(("value", "low", "high"), [("positive", "4", "5"), ("5", None, None), ("", "4", "5")])
def test_nothing_is_drawn_where_nothing_can_be(value: str, low: str | None, high: str | None) -> None:
    assert range_graphic(value, low, high) == ""


def test_hostile_numbers_are_not_drawn_and_not_written() -> None:
    assert "<script>" not in range_graphic("5", "4", "6", label="<script>alert(1)</script>")
    assert range_graphic("<script>", "4", "6") == ""


POINTS = [("2023-10-10", "5.4"), ("2024-11-11", "5.5"), ("2025-11-12", "5.8"), ("2026-11-16", "5.90")]


def test_a_trend_draws_each_measurement_once_and_labels_first_turn_and_last() -> None:
    svg = trend_graphic(POINTS, "4.0", "5.6")
    ElementTree.fromstring(svg)
    assert svg.count("<circle") == 4
    assert svg.count('class="g-trend"') == 3
    assert ">5.4<" in svg
    assert ">5.8<" in svg
    assert ">5.90<" in svg
    assert "Usual range 4.0 to 5.6" in svg
    assert "<desc>4 values. The first is 5.4, the last is 5.90.</desc>" in svg


def test_a_trend_turned_round_keeps_its_numbers_inside() -> None:
    with translation.override("ar"):
        svg = trend_graphic(POINTS, "4.0", "5.6")
    first, last = (re.search(rf'<text class="([^"]+)" x="([\d.]+)%"[^>]*>{value}<', svg) for value in ("5.4", "5.90"))
    assert first is not None
    assert last is not None
    assert "g-end" in first[1]
    assert float(first[2]) > 90
    assert "g-start" in last[1]
    assert float(last[2]) < 10


def test_a_trend_needs_two_measurements() -> None:
    assert trend_graphic(POINTS[:1], "4.0", "5.6") == ""
    assert trend_graphic([("soon", "5"), ("2024", "x")]) == ""


@given(st.lists(st.tuples(instants, numbers), min_size=2))
def test_every_trend_is_well_formed(points: list[tuple[datetime, float]]) -> None:
    for low, high in ((None, None), (1.0, 2.0), (None, 3.0), (3.0, None)):
        ElementTree.fromstring(trend_graphic(points, low, high))

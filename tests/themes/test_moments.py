"""Dates and quantities: the source's own precision for machines, the reader's words for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from themes import moments
from themes.moments import Form, moment_html, moment_words, number_words, quantity_html, read_moment

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(moments, "hospital_zone", lambda: NEW_YORK)
    monkeypatch.setattr(moments, "now", lambda: datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("2019", "2019"),
        ("2019-03", "March 2019"),
        ("2019-03-04", "Monday, March 4, 2019"),
        ("2026-11-24T10:30:00-05:00", "Tuesday, November 24, 2026, 10:30\u00a0am"),
        ("2026-11-24T15:30:00Z", "Tuesday, November 24, 2026, 10:30\u00a0am"),
        ("2026-11-24T15:30:12.123+00:00", "Tuesday, November 24, 2026, 10:30\u00a0am"),
        ("2026-11-24T04:30:00Z", "Monday, November 23, 2026, 11:30\u00a0pm"),
        ("2026-11-24T00:05:00-05:00", "Tuesday, November 24, 2026, 12:05\u00a0am"),
    ],
)
def test_a_moment_keeps_its_precision_and_its_source_text(source: str, words: str) -> None:
    assert moment_html(source) == f'<time datetime="{source}">{words}</time>'


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("date", "Tuesday, November 24, 2026"),
        ("near", "Tuesday, November 24, 10:30\u00a0am"),
        ("near_date", "Tuesday, November 24"),
        ("short", "Nov 24, 2026"),
        ("time", "10:30\u00a0am"),
        ("month", "November 2026"),
        ("weekday", "Tue"),
    ],
)
def test_a_moment_has_several_forms(form: Form, words: str) -> None:
    assert moment_words("2026-11-24T10:30:00-05:00", form) == words


def test_a_near_moment_of_another_year_names_its_year() -> None:
    assert moment_words("2025-11-24", "near_date") == "Monday, November 24, 2025"


def test_a_date_without_a_time_has_no_time() -> None:
    assert moment_words("2026-11-24", "time") == ""


def test_dates_and_datetimes_are_moments_too() -> None:
    assert moment_html(date(2019, 3, 4)) == '<time datetime="2019-03-04">Monday, March 4, 2019</time>'
    there = datetime(2026, 11, 24, 16, 30, tzinfo=timezone(timedelta(hours=1)))
    assert moment_html(there, "time") == '<time datetime="2026-11-24T16:30:00+01:00">10:30\u00a0am</time>'


@pytest.mark.parametrize(
    "text", ["", "soon", "2019-13", "2019-02-30", "20190304", "<b>2019</b>", "2019-03-04T25:00:00Z"]
)
def test_what_is_no_moment_is_shown_as_it_came_and_escaped(text: str) -> None:
    assert "<time" not in moment_html(text)
    assert "<b>" not in moment_html(text)
    assert moment_html(None) == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "martes 24 de noviembre de 2026, 10:30\u00a0a. m."),
        ("ar", "الثلاثاء 24 نوفمبر 2026، 10:30\u00a0صباحًا"),
    ],
)
def test_a_moment_speaks_the_readers_language_with_western_digits(language: str, words: str) -> None:
    with translation.override(language):
        assert moment_words("2026-11-24T10:30:00-05:00") == words


@given(st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_can_be_read_back_from_the_page(instant: datetime) -> None:
    found = read_moment(instant.isoformat(timespec="seconds"))
    assert found is not None
    assert datetime.fromisoformat(found.machine) == instant.replace(microsecond=0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("5.40", "5.40"), ("250000", "250,000"), ("9999", "9999"), ("12345.60", "12,345.60"), ("-3", "−3"),
        (Decimal("1E+3"), "1000"), (Decimal("0.10"), "0.10"), (7, "7"), ("<0.1", "<0.1"), ("1:80", "1:80"),
    ],
)  # fmt: skip
def test_a_number_keeps_the_digits_of_its_source(value: str | int | Decimal, words: str) -> None:
    assert number_words(value) == words


def test_a_quantity_carries_the_machines_value_and_stays_left_to_right() -> None:
    with translation.override("ar"):
        assert quantity_html("250000", "/uL") == (
            '<bdi class="quantity" dir="ltr"><data value="250000">250,000</data>'
            '<span class="unit">\u00a0/uL</span></bdi>'
        )
    assert quantity_html("5.9", "%") == (
        '<bdi class="quantity" dir="ltr"><data value="5.9">5.9</data><span class="unit">%</span></bdi>'
    )
    assert quantity_html("0.1", "mg/dL", "<=").startswith('<bdi class="quantity" dir="ltr">≤<data value="0.1">')


def test_a_unit_from_outside_is_escaped() -> None:
    assert "<script>" not in quantity_html("1", "<script>alert(1)</script>")
    assert "<script>" not in quantity_html("<script>", "", "<script>")

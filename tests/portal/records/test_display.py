"""Words and sentences: calm, honest, short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.translation import override

from portal.records.calendars import calendar_of
from portal.records.display.course import heading_of
from portal.records.display.lines import line_of
from portal.records.display.values import readable, value_html
from portal.records.names import TESTS, plain_name
from portal.records.projection.verdict import Verdict
from portal.records.queries.course import TrendPoint
from portal.records.queries.documents import StoredFile
from portal.records.queries.results import ResultItem
from portal.records.queries.visits import VisitItem
from portal.records.views.files import answer, named
from portal.records.words import SHORT_VERDICTS, VERDICTS

START = datetime(2024, 1, 1, tzinfo=UTC)


def course(*values: str, days: int = 365) -> list[TrendPoint]:
    return [
        TrendPoint(uuid4(), "2024", START + timedelta(days=days * place), value, "", "%", "", "", "")
        for place, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("5.4", "5.6", "5.8", "5.9"), "It has gone up over 3 years"),
        (("5.9", "5.6", "5.4"), "It has gone down over 2 years"),
        (("5.4", "5.4"), "It has stayed the same over 12 months"),
        (("5.40", "5.45", "5.42"), "It has stayed about the same over 2 years"),
        (("5.0", "9.0", "5.0"), "It has gone up and down over 2 years"),
        (("5.0", "6.0", "5.5", "7.0"), "It has gone up over 3 years, with ups and downs"),
    ],
)
def test_the_sentence_over_a_trend_says_what_the_values_did(values: tuple[str, ...], words: str) -> None:
    assert heading_of(course(*values), "4.0", "5.6") == words


@pytest.mark.parametrize(
    ("exact", "short"),
    [
        ("5.40", "5.40"), ("161.93503897408004", "161.94"), ("0.000123456", "0.000123"), ("-3.14159265", "-3.14"),
        ("12345", "12345"), ("0.00000", "0.00"),
    ],
)  # fmt: skip
def test_only_very_long_numbers_are_shortened(exact: str, short: str) -> None:
    assert readable(exact) == short


def test_every_verdict_has_words() -> None:
    assert {verdict for verdict in Verdict if verdict} == set(VERDICTS) == set(SHORT_VERDICTS)


def test_names_are_there_in_three_languages_and_fall_back_to_the_source() -> None:
    assert plain_name("4548-4", "es", "x") == "Azúcar promedio en la sangre"
    assert plain_name("4548-4", "vi", "x") == "Average blood sugar"
    assert plain_name("99999-9", "en", "Some test") == "Some test"
    assert len(TESTS) > 300
    for plain in TESTS.values():
        assert all(plain.names[code] for code in ("en", "es", "ar"))
        assert all(plain.sentences[code] for code in ("en", "es", "ar"))


def test_sentences_about_tests_are_short_and_alarm_nobody() -> None:
    alarming = ("cancer", "danger", "fatal", "death", "serious", "tumor", "failure")
    for plain in TESTS.values():
        for sentence in plain.sentences["en"].split(". "):
            assert len(sentence.split()) <= 22, sentence
            assert not any(word in sentence.lower() for word in alarming), sentence


def item(**more: object) -> ResultItem:
    given = {
        "what": "result", "id": uuid4(), "day": START.date(), "group_id": uuid4(), "title": "Glucose", "loinc": "",
        "status": "final", "date_text": "2024-01-01", "value_kind": "quantity", "value_text": "5", "comparator": "",
        "unit": "mg/dL", "low_text": "", "high_text": "", "verdict": "", "pending": False, "parent_title": "",
        "part": "", "parent_id": None, "panel_id": None, "panel_title": "", "panel_loinc": "", "place_in_panel": 0,
        "visit_id": None, "visit_title": "", "visit_with": "", "parts": "", "is_new": False, **more,
    }  # fmt: skip
    return ResultItem(**given)  # type: ignore[arg-type]


def test_written_addresses_are_those_of_the_url_configuration() -> None:
    result, report = item(), item(what="report")
    assert line_of(result).url == reverse("records:result", args=[result.id])
    assert line_of(report).url == reverse("records:report", args=[report.id])


def test_a_calendar_file_folds_long_lines_and_escapes_commas() -> None:
    visit = VisitItem(
        uuid4(), "Appointment", "Check-up, long " * 8, "booked", "", "time", "", START, True, "Room 5; left", "", "", {}
    )
    text = calendar_of(visit, None, "Mercy", START)
    assert "DTSTART:20240101T000000Z\r\n" in text
    assert "DTEND:20240101T010000Z\r\n" in text
    assert "Room 5\\; left" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "", "text/html;x"])
def test_what_could_run_in_a_browser_is_saved_and_never_shown(media_type: str) -> None:
    response = answer(StoredFile("letter", media_type, b"<script>"))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_pdf_opens_in_the_browser() -> None:
    response = answer(StoredFile("Letter / to you", "application/pdf", b"%PDF"))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="Letter__to_you.pdf"'
    assert named("..", "text/plain") == "document.txt"


def test_two_numbers_with_a_mark_between_them_read_from_the_left_in_arabic_too() -> None:
    parts = [{"value": "1"}, {"value": "128"}]
    with override("ar"):
        assert value_html("ratio", "1:128", "", "", parts).startswith('<bdi dir="ltr">')
        assert value_html("range", "1-128", "", "", parts).startswith('<bdi dir="ltr">')
        assert value_html("ratio", "", "", "", []) == ""

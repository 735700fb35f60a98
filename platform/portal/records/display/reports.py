"""One report: its results, its words, its files."""

from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.records.display.files import File, files_of
from portal.records.display.lines import line_of, rows_html
from portal.records.display.values import facts, span, when
from portal.records.names import TESTS, plain_name
from portal.records.queries.reports import ReportView
from portal.records.words import Words, label_words, state_words


@dataclass(frozen=True, slots=True)
class Report:
    small: str
    day: SafeString
    issued: SafeString
    state: Words
    pending: bool
    corrected: bool
    meaning: str
    meaning_language: str
    conclusion: str
    codes: str
    narrative: str
    rows: SafeString
    files: tuple[File, ...]
    visit: str
    visit_url: str
    details: tuple[tuple[Any, SafeString], ...]


def report_of(report: ReportView) -> Report:
    language = get_language() or "en"
    known = TESTS.get(report.loinc)
    meaning, meaning_language = known.sentence(language) if known else ("", language)
    detail = report.detail
    name = plain_name(report.loinc, language, report.title)
    return Report(
        report.title if report.title != name else "",
        span(report.date_text, report.end_text, "full"),
        when(report.issued_text),
        state_words(report.status) if report.status else "",
        report.pending,
        report.status in ("corrected", "amended"),
        meaning,
        meaning_language,
        detail.get("conclusion", ""),
        ", ".join(detail.get("codes", ())),
        detail.get("narrative", ""),
        rows_html(line_of(item) for item in report.results),
        files_of(detail.get("files", ()), f"/results/reports/{report.id}/files/"),
        report.visit_title,
        f"/visits/{report.visit_id}/" if report.visit_id else "",
        tuple((label, value) for label, value in facts(detail.get("facts", ()), label_words) if escape(value)),
    )

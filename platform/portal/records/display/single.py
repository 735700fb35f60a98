"""One result, in the order in which people ask: what it is, how it lies, what it means, who saw it, what next."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.records.display.course import Course, course_of
from portal.records.display.values import (
    facts,
    joined,
    quantity,
    range_words,
    readable,
    span,
    value_html,
    verdict_html,
    when,
)
from portal.records.names import TESTS, plain_name
from portal.records.projection.verdict import CRITICAL
from portal.records.queries.course import Earlier, TrendPoint
from portal.records.queries.results import ResultView
from portal.records.words import label_words, state_words
from themes.graphics import range_graphic
from themes.moments import moment_html

FINAL = frozenset({"final", "amended", "corrected", "appended"})
CHANGED = frozenset({"amended", "corrected"})
EMPTY = ("<bdi></bdi>", '<bdi dir="ltr"></bdi>')


@dataclass(frozen=True, slots=True)
class Seen:
    """A step of "Who has seen it"."""

    title: str
    when: SafeString


@dataclass(frozen=True, slots=True)
class Single:
    name: str
    small: str
    day: SafeString
    value: SafeString
    is_number: bool
    verdict: SafeString
    critical: bool
    last_time: SafeString
    graphic: SafeString
    meaning: str
    meaning_language: str
    pending: bool
    cancelled: bool
    is_vital: bool
    corrected: bool
    absent: str
    earlier: tuple[tuple[SafeString, SafeString], ...]
    seen: tuple[Seen, ...]
    course: Course | None
    details: tuple[tuple[Any, SafeString], ...]
    report: str
    report_url: str


def single_of(result: ResultView, points: list[TrendPoint], earlier: list[Earlier]) -> Single:
    language = get_language() or "en"
    name = plain_name(result.loinc, language, result.title) or _("Test without a name")
    known = TESTS.get(result.loinc)
    meaning, meaning_language = known.sentence(language) if known else ("", language)
    numeric = result.value_kind in ("quantity", "integer")
    return Single(
        name,
        result.title if result.title != name else "",
        span(result.date_text, result.end_text, "full"),
        _value(result),
        numeric,
        verdict_html(result.verdict),
        result.verdict in CRITICAL,
        _last_time(result, points),
        _graphic(result) if numeric else SafeString(""),
        meaning,
        meaning_language,
        result.pending,
        result.status == "cancelled",
        result.shelf == "vital",
        result.status in CHANGED or any(entry.status in FINAL for entry in earlier),
        _absent(result),
        tuple(_before(entry) for entry in earlier),
        _seen(result),
        course_of(points, result.unit, result.low_text, result.high_text),
        tuple(_details(result)),
        plain_name(result.panel_loinc, language, result.panel_title),
        reverse("records:report", args=[result.panel_id]) if result.panel_id else "",
    )


def _graphic(result: ResultView) -> SafeString:
    if result.comparator:
        return SafeString("")
    return range_graphic(readable(result.value_text), result.low_text or None, result.high_text or None)


def _absent(result: ResultView) -> str:
    """Why there is no value, in the source's words."""
    found = (entry.get("text", "") for entry in result.detail.get("facts", ()) if entry.get("label") == "absent")
    return next(found, "") if result.value_kind == "none" else ""


def _before(entry: Earlier) -> tuple[SafeString, SafeString]:
    value = entry.value
    said = value_html(value.kind, value.text, value.unit, value.comparator, value.parts)
    return said, joined(_("until %(moment)s"), moment=moment_html(entry.replaced_at))


def _last_time(result: ResultView, points: list[TrendPoint]) -> SafeString:
    """ "Last time it was 5.8, in May." Only from a value in the same unit."""
    earlier = [
        point for point in points
        if result.sort_at and point.sort_at < result.sort_at and point.unit == result.unit and point.id != result.id
    ]  # fmt: skip
    if not earlier:
        return SafeString("")
    last = earlier[-1]
    value = quantity(last.value_text, "", last.comparator)
    return joined(_("Last time it was %(value)s, on %(day)s."), value=value, day=when(last.date_text, "date"))


def _seen(result: ResultView) -> tuple[Seen, ...]:
    """Only what is known. The laboratory's step stands for a result that it calls final."""
    steps = []
    if result.opened_at is not None:
        steps.append(Seen(_("You opened it"), moment_html(result.opened_at)))
    if result.status in FINAL:
        title = _("The laboratory finished it") if result.shelf in ("blood", "other") else _("It was finished")
        steps.append(Seen(title, when(result.issued_text)))
    elif result.status == "preliminary":
        steps.append(Seen(_("This is a first look. It is not final yet."), when(result.issued_text)))
    return tuple(steps)


def _details(result: ResultView) -> list[tuple[Any, SafeString]]:
    detail = result.detail
    rows: list[tuple[Any, SafeString]] = [
        (_("Test name"), format_html("<bdi>{}</bdi>", result.title)),
        (_("Part of"), format_html("<bdi>{}</bdi>", result.parent_title if result.part else "")),
        (_("Value"), _value(result)),
        (_("Exact value"), _exact(result)),
        (_("Usual range"), range_words(result.low_text, result.high_text, result.unit)),
        *_other_ranges(result),
        (_("Marked by the laboratory as"), SafeString(escape(result.interpretation))),
        (_("Status"), SafeString(escape(state_words(result.status)) if result.status else "")),
        (_("Taken"), span(result.date_text, result.end_text, "full")),
        (_("Given out"), when(result.issued_text)),
        *facts(detail.get("facts", ()), label_words),
        (_("Points"), SafeString(escape(", ".join(detail.get("more", {}).get("points", ()))))),
        (_("Unit code"), format_html('<bdi dir="ltr">{}</bdi>', result.unit_code or SafeString(""))),
        (_("Code"), _code(result)),
    ]  # fmt: skip
    return [(label, value) for label, value in rows if value and value not in EMPTY]


def _value(result: ResultView) -> SafeString:
    parts = result.detail.get("parts", ())
    return value_html(result.value_kind, result.value_text, result.unit, result.comparator, parts)


def _exact(result: ResultView) -> SafeString:
    """Shown where the value above is rounded."""
    if result.value_kind not in ("quantity", "integer") or readable(result.value_text) == result.value_text:
        return SafeString("")
    return format_html('<bdi dir="ltr">{}</bdi>', result.value_text)


def _code(result: ResultView) -> SafeString:
    if result.loinc:
        return format_html('<bdi dir="ltr">LOINC {}</bdi>', result.loinc)
    return format_html('<bdi dir="ltr">{}</bdi>', result.code) if result.code else SafeString("")


def _other_ranges(result: ResultView) -> list[tuple[Any, SafeString]]:
    """Every range that the source gave beside the one that was used, with whom it is for."""
    rows = []
    for entry in result.detail.get("ranges", ()):
        used = (entry["low"], entry["high"]) == (result.low_text, result.high_text)
        numbers = range_words(entry["low"], entry["high"], entry["unit"])
        about = ", ".join(part for part in (entry["type"], *entry["applies"]) if part)
        said = format_html("{} {} {}", "" if used else numbers, entry["text"], f"({about})" if about else "")
        if said.strip() and not (used and not entry["text"] and not about):
            rows.append((_("Range from the laboratory"), said))
    return rows

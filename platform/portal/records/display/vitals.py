"""Vital signs: the latest of each, its course, and all numbers. Two numbers of one blood pressure stand together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.records.display.course import Course, course_of
from portal.records.display.values import from_left, value_html, verdict_html, when
from portal.records.names import plain_name
from portal.records.queries.chart import Measurement
from portal.records.queries.course import TrendPoint

PRESSURES = ("8480-6", "8462-4")
ORDER = (
    "pressure",
    "8867-4",
    "59408-5",
    "2708-6",
    "9279-1",
    "8310-5",
    "8331-1",
    "29463-7",
    "3141-9",
    "8302-2",
    "39156-5",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment of a vital sign."""

    when: SafeString
    value: SafeString
    full: SafeString
    verdict: SafeString


@dataclass(frozen=True, slots=True)
class Vital:
    key: str
    name: str
    small: str
    url: str
    latest: Reading
    courses: tuple[tuple[str, Course], ...]
    readings: tuple[Reading, ...]


def vitals_of(found: Sequence[Measurement]) -> tuple[Vital, ...]:
    """In the order in which they are taken, blood pressure as one; what is rare comes last, newest first."""
    by_sign: dict[tuple[str, str], list[Measurement]] = {}
    for one in found:
        by_sign.setdefault(_sign(one), []).append(one)
    known = [sign for sign in by_sign if sign[0] in ORDER]
    rare = [sign for sign in by_sign if sign[0] not in ORDER]
    return tuple(_vital(sign, by_sign[sign]) for sign in (*sorted(known, key=lambda sign: ORDER.index(sign[0])), *rare))


def _sign(one: Measurement) -> tuple[str, str]:
    if one.loinc in PRESSURES and one.parent_id is not None:
        return "pressure", one.parent_title
    return one.loinc or one.code or one.title, "" if one.loinc else one.title


def _vital(sign: tuple[str, str], mine: list[Measurement]) -> Vital:
    language = get_language() or "en"
    together = sign[0] == "pressure"
    name = _("Blood pressure") if together else plain_name(mine[0].loinc, language, mine[0].title)
    small = sign[1] if together else mine[0].title
    readings = tuple(_reading(list(same)) for _key, same in groupby(mine, key=lambda one: one.parent_id or one.id))
    courses = []
    for loinc in sorted(dict.fromkeys(one.loinc for one in mine), key=_upper_first):
        points = [one for one in mine if one.loinc == loinc]
        course = _course(points)
        if course:
            courses.append((plain_name(loinc, language, points[0].title) if together else "", course))
    url = "" if together else f"/results/{mine[0].id}/"
    small = small if small != name else ""
    return Vital(sign[0], name or _("Without a name"), small, url, readings[0], tuple(courses), readings)


def _upper_first(loinc: str) -> int:
    return PRESSURES.index(loinc) if loinc in PRESSURES else len(PRESSURES)


def _course(points: list[Measurement]) -> Course | None:
    newest = points[0]
    trend = [
        TrendPoint(p.id, p.date_text, p.sort_at, p.value_text, p.comparator, p.unit, p.low_text, p.high_text, p.verdict)
        for p in reversed(points) if p.sort_at is not None and p.has_number
    ]  # fmt: skip
    return course_of(trend[-60:], newest.unit, newest.low_text, newest.high_text)


def _reading(same: list[Measurement]) -> Reading:
    """One value, or the upper and the lower number of a blood pressure with their unit once."""
    first = same[0]
    ordered = sorted(same, key=lambda one: _upper_first(one.loinc))
    join = mark_safe(" / ")
    full = SafeString(join.join(value_html(o.value_kind, o.value_text, o.unit, o.comparator) for o in ordered))
    full = from_left(full) if len(ordered) > 1 else full
    paired = len(ordered) == 2 and ordered[0].unit == ordered[1].unit and all(one.has_number for one in ordered)
    value = _pair(*ordered) if paired else full
    verdicts = {verdict_html(one.verdict) for one in ordered if one.verdict}
    verdict = verdicts.pop() if len(verdicts) == 1 else SafeString("")
    return Reading(when(first.date_text), value, full, verdict)


def _pair(upper: Measurement, lower: Measurement) -> SafeString:
    return format_html(
        '<span dir="ltr">{}<span class="unit"> / </span>{}</span>',
        value_html(upper.value_kind, upper.value_text, "", upper.comparator),
        value_html(lower.value_kind, lower.value_text, lower.unit, lower.comparator),
    )

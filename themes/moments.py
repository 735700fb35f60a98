"""Dates, times and quantities: the machine's form as the source gave it, and beside it the reader's own.

FHIR dates come in several precisions: `2019`, `2019-03`, `2019-03-04`, or an instant with an offset. None is made more
precise than it was. Instants are shown in the hospital's zone. Digits are Western in every language, and numbers
are written as in the United States, in Spanish too: a comma that means a thousand here and a fraction there would be a
danger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from foundation.clock import now
from foundation.tenancy import hospital_zone
from themes.remembering import remembered

type Precision = Literal["year", "month", "day", "time"]
type When = str | date | datetime
type Form = Literal["full", "date", "near", "near_date", "short", "time", "month", "weekday"]

_PARTIAL = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?\Z",
    re.ASCII,
)
# Put together here rather than with Django's DateFormat, which takes six times as long: pages hold many dates.
_FORMS: dict[str, dict[str, str]] = {
    "en": {"full": "{weekday}, {month} {day}, {year}", "near": "{weekday}, {month} {day}",
           "short": "{short} {day}, {year}", "month": "{month} {year}"},
    "es": {"full": "{weekday} {day} de {month} de {year}", "near": "{weekday} {day} de {month}",
           "short": "{day} {short} {year}", "month": "{month} de {year}"},
    "ar": {"full": "{weekday} {day} {month} {year}", "near": "{weekday} {day} {month}",
           "short": "{day} {month} {year}", "month": "{month} {year}"},
}  # fmt: skip
_HALF_DAY = {"en": ("am", "pm"), "es": ("a. m.", "p. m."), "ar": ("صباحًا", "مساءً")}
_DATE_AND_TIME = {"en": "{}, {}", "es": "{}, {}", "ar": "{}، {}"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time no more precise than its source. `machine` is what the source wrote."""

    machine: str
    precision: Precision
    local: datetime


def read_moment(value: When | None, zone: ZoneInfo | None = None) -> Moment | None:
    """The moment of a FHIR text, a date or a datetime; None for what is none."""
    zone = zone or hospital_zone()
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return Moment(aware.isoformat(timespec="seconds"), "time", aware.astimezone(zone))
    if isinstance(value, date):
        return Moment(value.isoformat(), "day", datetime(value.year, value.month, value.day, tzinfo=zone))
    return _read_text(value, zone) if isinstance(value, str) else None


def _read_text(text: str, zone: ZoneInfo) -> Moment | None:
    found = _PARTIAL.match(text)
    if found is None:
        return None
    parts = found.groupdict()
    try:
        if parts["clock"]:
            local = datetime.fromisoformat(text)
            return Moment(text, "time", local.astimezone(zone) if local.tzinfo else local.replace(tzinfo=zone))
        local = datetime(int(parts["year"]), int(parts["month"] or 1), int(parts["day"] or 1), tzinfo=zone)
    except ValueError:
        return None
    return Moment(text, "day" if parts["day"] else "month" if parts["month"] else "year", local)


def _known(language: str) -> str:
    code = language.split("-")[0]
    return code if code in _FORMS else "en"


@dataclass(frozen=True, slots=True)
class Said:
    """A moment in words, and as HTML."""

    words: str
    html: SafeString


def _said(value: When | None, form: Form, zone: ZoneInfo) -> Said:
    """Texts and days are remembered, instants are not: two that are equal may be written differently."""
    language = get_language() or "en"
    year = now().astimezone(zone).year if form in {"near", "near_date"} else 0
    if type(value) is str or type(value) is date:
        return _remembered(value, form, zone, language, year)
    return _say(value, form, zone, language, year)


def _say(value: When | None, form: Form, zone: ZoneInfo, language: str, year: int) -> Said:
    moment = read_moment(value, zone)
    if moment is None:
        return Said("", format_html("{}", "" if value is None else str(value)))
    words = _words(moment, form, _known(language), year)
    return Said(words, format_html('<time datetime="{}">{}</time>', moment.machine, words))


_remembered = remembered(4_000)(_say)


def moment_words(value: When | None, form: Form = "full", *, zone: ZoneInfo | None = None) -> str:
    """The moment for people. `full`: weekday, date, and the time where the source has one; `date`: without the time;
    `near` and `near_date`: the same without this year's number; `short`: day, month, year; `time`: the time alone;
    `weekday`: its short name. What is less precise is shown as it is.
    """
    return _said(value, form, zone or hospital_zone()).words


def _words(moment: Moment, form: Form, language: str, year: int) -> str:
    local = moment.local
    if moment.precision == "year":
        return f"{local.year:04d}"
    if moment.precision == "month" or form == "month":
        return _date(local, language, "month")
    if form == "weekday":
        return str((WEEKDAYS if language == "ar" else WEEKDAYS_ABBR)[local.weekday()])
    if form == "time":
        return _time(local, language) if moment.precision == "time" else ""
    words = _date(local, language, _length(local, form, year))
    if form in {"full", "near"} and moment.precision == "time":
        return _DATE_AND_TIME[language].format(words, _time(local, language))
    return words


def _date(local: datetime, language: str, length: str) -> str:
    pattern = _FORMS[language][length]
    return pattern.format(
        weekday=WEEKDAYS[local.weekday()] if "weekday" in pattern else "",
        month=MONTHS[local.month] if "{month}" in pattern else "",
        short=str(MONTHS_3[local.month]).capitalize() if "short" in pattern else "",
        day=local.day, year=local.year,
    )  # fmt: skip


def _length(local: datetime, form: Form, year: int) -> str:
    if form == "short":
        return "short"
    return "near" if form in {"near", "near_date"} and local.year == year else "full"


def _time(local: datetime, language: str) -> str:
    return f"{local.hour % 12 or 12}:{local.minute:02d}\u00a0{_HALF_DAY[language][local.hour >= 12]}"


def moment_html(value: When | None, form: Form = "full") -> SafeString:
    """`<time datetime="...">` with the source's own text; what cannot be read is shown as it came, without the tag."""
    return _said(value, form, hospital_zone()).html


def leaf_html(value: When | None) -> SafeString:
    """The calendar leaf of a visit. The full date stands beside it, so it is hidden from screen readers."""
    moment = read_moment(value)
    if moment is None or moment.precision not in {"day", "time"}:
        return SafeString("")
    return format_html(
        '<span class="leaf" aria-hidden="true"><span>{}</span><span>{}</span></span>',
        _words(moment, "weekday", _known(get_language() or "en"), 0), moment.local.day,
    )  # fmt: skip


_NUMBER = re.compile(r"^(?P<sign>-?)(?P<whole>\d+)(?P<rest>\.\d+)?\Z", re.ASCII)
_NARROW = "\u202f"
_MOST_DIGITS = 60  # beyond, a number is shown as it came: written out, 1E+999999999 is a text of a gigabyte


def number_words(value: str | int | float | Decimal) -> str:
    """A number with the source's own digits, its thousands apart from five digits on."""
    text = _written_out(value)
    found = _NUMBER.match(text)
    if found is None or len(text) > _MOST_DIGITS:
        return text
    whole = found["whole"]
    grouped = f"{int(whole):,}" if len(whole) > 4 else whole
    return f"{'−' if found['sign'] else ''}{grouped}{found['rest'] or ''}"


def _written_out(value: str | int | float | Decimal) -> str:
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS:
        return format(value, "f")
    return str(value)


def quantity_html(value: str | int | float | Decimal, unit: str = "", comparator: str = "") -> SafeString:
    """`<data value="5.4">5.4</data> mg/dL`, kept left to right in every language."""
    return _quantity(_written_out(value), str(unit), comparator)


@remembered(4_000)
def _quantity(machine: str, unit: str, comparator: str) -> SafeString:
    gap = "" if unit in {"", "%", "°F", "°C"} else "\u00a0"
    tail = format_html('<span class="unit">{}{}</span>', gap, unit) if unit else ""
    return format_html(
        '<bdi class="quantity" dir="ltr">{}<data value="{}">{}</data>{}</bdi>',
        _COMPARATORS.get(comparator, comparator), machine, number_words(machine), tail,
    )  # fmt: skip


_COMPARATORS = {"<": "<", ">": ">", "<=": "≤", ">=": "≥", "ad": "", "": ""}

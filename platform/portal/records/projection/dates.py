"""FHIR's dates: kept as given, with the precision they were given in, and an instant to sort by."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.records.projection.reading import Json, node, text, word

FORM = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?\Z"
)
NEVER = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class When:
    """`text` is the source's own; `precision` is year, month, day, time, or "" for what is no date at all.

    `day` is the calendar day where the hospital stands; for a month or a year its first.
    """

    text: str = ""
    precision: str = ""
    instant: datetime | None = None
    day: date = NEVER


UNKNOWN = When()


def read(value: Any, zone: ZoneInfo) -> When:
    """A date, dateTime or instant. What cannot be read keeps its text, without precision."""
    said = text(value)
    if not said:
        return UNKNOWN
    found = FORM.match(said)
    if not found:
        return When(said[:60])
    part = found.groupdict()
    try:
        if part["hour"] is not None:
            instant = _instant(part, zone)
            return When(said[:60], "time", instant, instant.astimezone(zone).date())
        day = date(int(part["year"]), int(part["month"] or 1), int(part["day"] or 1))
        precision = "day" if part["day"] else "month" if part["month"] else "year"
        return When(said, precision, datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC), day)
    except (ValueError, OverflowError):
        return When(said[:60])


def _instant(part: dict[str, str | None], zone: ZoneInfo) -> datetime:
    """Hour 24 and second 60 exist in the wild; a time without offset is the hospital's own."""
    given = part["zone"]
    seconds = min(int(part["second"] or 0), 59)
    micro = int(((part["fraction"] or ".0")[1:] + "000000")[:6])
    local = datetime(
        int(part["year"] or 0), int(part["month"] or 0), int(part["day"] or 0),
        int(part["hour"] or 0) % 24, int(part["minute"] or 0), seconds, micro, tzinfo=UTC,
    )  # fmt: skip
    if part["hour"] == "24":
        local += timedelta(days=1)
    if given is None:
        return local.replace(tzinfo=zone).astimezone(UTC)
    if given == "Z":
        return local
    hours, minutes = int(given[1:3]), int(given[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    return local - offset if given[0] == "+" else local + offset


def period(value: Json, zone: ZoneInfo) -> tuple[When, When]:
    """Start and end. A period with an end only starts there for the sake of order."""
    start, end = read(value.get("start"), zone), read(value.get("end"), zone)
    return (start, end) if start.text else (end, UNKNOWN)


def choice(body: Json, stem: str, zone: ZoneInfo) -> tuple[When, When, str]:
    """onset[x], effective[x], performed[x]: start, end, and words where the source gave no date (an age, a text)."""
    for suffix in ("DateTime", "Date", "Instant"):
        if word(body, stem + suffix):
            return read(body[stem + suffix], zone), UNKNOWN, ""
    if node(body, stem + "Period"):
        return *period(node(body, stem + "Period"), zone), ""
    timing = node(body, stem + "Timing").get("event")
    if isinstance(timing, list) and timing:
        return read(timing[0], zone), read(timing[-1], zone) if len(timing) > 1 else UNKNOWN, ""
    return UNKNOWN, UNKNOWN, word(body, stem + "String")

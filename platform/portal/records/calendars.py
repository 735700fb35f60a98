"""A visit as an iCalendar file (RFC 5545), for the calendar of whoever asks."""

import re
from datetime import UTC, datetime, timedelta

from portal.records.queries.visits import VisitItem

HOUR = timedelta(hours=1)
FOLD = 73
# Control characters, which section 3.1 forbids, and what some readers take for the end of a line or for its direction.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def calendar_of(visit: VisitItem, end: datetime | None, hospital: str, made: datetime) -> str:
    """One event. Without an end it takes an hour. Lines are folded at 75 octets, as section 3.1 asks."""
    assert visit.sort_at is not None
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Portico//Visits//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
        f"UID:{visit.id}@portico", f"DTSTAMP:{_stamp(made)}", f"DTSTART:{_stamp(visit.sort_at)}",
        f"DTEND:{_stamp(end if end and end > visit.sort_at else visit.sort_at + HOUR)}",
        f"SUMMARY:{_text(f'{visit.title}, {hospital}' if visit.title else hospital)}",
        *([f"LOCATION:{_text(f'{hospital}, {visit.place}')}"] if visit.place else []),
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return UNSAFE.sub("", escaped.replace("\n", "\\n"))


def _folded(line: str) -> str:
    pieces, piece = [], b""
    for letter in line:
        coded = letter.encode()
        if len(piece) + len(coded) > FOLD:
            pieces.append(piece.decode())
            piece = b""
        piece += coded
    return "\r\n ".join([*pieces, piece.decode()])

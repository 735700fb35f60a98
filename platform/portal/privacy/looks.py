"""Events as lines of "Who looked at my record": by day of the hospital's calendar, in plain words. Reads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.audit.queries import Entry
from portal.privacy import words
from portal.privacy.words import Words


class Who(StrEnum):
    """Whose look it was, in the patient's eyes."""

    YOU = "you"
    STAFF = "staff"
    FAMILY = "family"
    APP = "app"
    VENDOR = "vendor"
    AUTOMATIC = "automatic"
    UNKNOWN = "unknown"


WHO_WORDS: dict[Who, Words] = {
    Who.STAFF: gettext_lazy("People who work at the hospital"),
    Who.FAMILY: gettext_lazy("Family and helpers"),
    Who.APP: gettext_lazy("Apps"),
    Who.VENDOR: gettext_lazy("The company that runs this portal"),
    Who.AUTOMATIC: gettext_lazy("The portal by itself"),
}
ICONS = {
    Who.YOU: "person", Who.STAFF: "team", Who.FAMILY: "person", Who.APP: "connection", Who.VENDOR: "vendor",
    Who.AUTOMATIC: "refresh", Who.UNKNOWN: "help",
}  # fmt: skip


def who_of(entry: Entry, own: UUID | None) -> Who:
    if own is not None and entry.actor_id == own:
        return Who.YOU
    if entry.actor_role == "app":
        return Who.APP
    if entry.actor_role == "operator":
        return Who.VENDOR
    if entry.actor_kind == "person":
        return Who.FAMILY if entry.actor_role in {"patient", "proxy"} else Who.STAFF
    return Who.AUTOMATIC if entry.actor_kind == "system" else Who.UNKNOWN


@dataclass(frozen=True, slots=True)
class Line:
    """One line: equal events that follow each other on a day are one, with their number and the first one's time."""

    number: int
    who: Who
    name: str
    role: str
    done: str
    at: datetime
    first_at: datetime
    times: int
    icon: str
    refused: bool
    behalf: str
    about: str
    why: str
    device: str
    address: str
    question: Asked | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about an event: where it is, and whether the answer has come."""

    id: UUID
    answered: bool


@dataclass(frozen=True, slots=True)
class Looker:
    """Everything that one person, app or job did on a day, as far as the page has it."""

    name: str
    role: str
    icon: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    lookers: tuple[Looker, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What the lines need beside the events: names of people by id, questions by the event's number."""

    own: UUID | None
    zone: ZoneInfo
    names: Mapping[UUID, str]
    questions: Mapping[int, Asked]


def days_of(entries: Sequence[Entry], around: Around) -> tuple[Day, ...]:
    """The days, newest first; on each, who looked, who looked last standing first."""
    days = groupby(entries, key=lambda entry: entry.at.astimezone(around.zone).date())
    return tuple(Day(day, tuple(_lookers(list(found), around))) for day, found in days)


def _lookers(entries: list[Entry], around: Around) -> list[Looker]:
    by: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        by.setdefault((entry.actor_kind, entry.actor_id, entry.actor_name, entry.actor_role), []).append(entry)
    return [_looker(tuple(_lines(mine, around))) for mine in by.values()]


def _looker(lines: tuple[Line, ...]) -> Looker:
    return Looker(lines[0].name, lines[0].role, lines[0].icon, lines)


def _lines(entries: list[Entry], around: Around) -> list[Line]:
    alike = groupby(entries, key=lambda e: (
        e.on_behalf_of, e.kind, e.outcome, e.reason, e.target_id if e.target_type in {"person", "recipient"} else "",
        around.questions.get(e.id),
    ))  # fmt: skip
    return [line_of(list(found), around) for _key, found in alike]


def line_of(alike: Sequence[Entry], around: Around) -> Line:
    """The line of events that are alike, newest first."""
    newest, oldest = alike[0], alike[-1]
    who = who_of(newest, around.own)
    own = who is Who.YOU
    return Line(
        number=newest.id, who=who, name=_name(newest, who), role=_role(newest, who),
        done=words.deed_words(newest), at=newest.at, first_at=oldest.at, times=len(alike), icon=ICONS[who],
        refused=newest.outcome == "refused", behalf=_behalf(newest, around), about=_about(newest, around.names),
        why=words.reason_words(newest.reason),
        device=words.device_words(newest.agent) if own else "", address=(newest.address or "") if own else "",
        question=around.questions.get(newest.id),
    )  # fmt: skip


def _name(entry: Entry, who: Who) -> str:
    if who is Who.YOU:
        return _("You")
    if who is Who.AUTOMATIC:
        return _("The portal by itself")
    if who is Who.VENDOR:
        return entry.actor_name if entry.actor_kind == "person" else _("The company that runs this portal")
    return entry.actor_name or _("Somebody who was not signed in")


def _role(entry: Entry, who: Who) -> str:
    if who is Who.STAFF:
        return words.role_words(entry.actor_role)
    if who is Who.AUTOMATIC:
        return str(words.JOBS.get(entry.actor_name, ""))
    said = {
        Who.FAMILY: _("Family or helper"), Who.APP: _("App"),
        Who.VENDOR: _("Works for the company that runs this portal") if entry.actor_kind == "person" else "",
    }  # fmt: skip
    return said.get(who, "")


def _behalf(entry: Entry, around: Around) -> str:
    if entry.on_behalf_of is None or entry.on_behalf_of == entry.actor_id:
        return ""
    if entry.on_behalf_of == around.own:
        return _("you")
    return around.names.get(entry.on_behalf_of, "")


def _about(entry: Entry, names: Mapping[UUID, str]) -> str:
    """Whom it was about, or who got it: a person's name, a recipient's."""
    if entry.target_type == "recipient":
        return entry.target_id
    found = person_in(entry)
    return names.get(found, "") if found else ""


def person_in(entry: Entry) -> UUID | None:
    """The person that an event names beside the one who did it."""
    if entry.target_type != "person":
        return None
    try:
        return UUID(entry.target_id)
    except ValueError:
        return None

"""Lists of the chart: one shape for all kinds, so that one template draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.records.display.files import File, files_of
from portal.records.display.values import facts, joined, span, when
from portal.records.queries.chart import Entry
from portal.records.words import SURE, Words, label_words, state_words


@dataclass(frozen=True, slots=True)
class Item:
    """A row: title, one line about it, when, its state as a tag, and what else the source says."""

    title: str
    about: str
    day: SafeString
    tag: Words
    tag_kind: str
    facts: tuple[tuple[Any, SafeString], ...]
    url: str = ""
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    items: tuple[Item, ...]


def _item(
    entry: Entry, *, about: str = "", day: SafeString | None = None, tag: Words = "", kind: str = "", url: str = ""
) -> Item:
    shown = span(entry.date_text, entry.end_text) if day is None else day
    rows = tuple((label, value) for label, value in facts(entry.detail.get("facts", ()), label_words) if value)
    return Item(entry.title or _("Without a name"), about, shown, tag, kind, rows, url)


def _sections(*parts: tuple[str, Iterable[Item]]) -> tuple[Section, ...]:
    made = (Section(title, tuple(items)) for title, items in parts)
    return tuple(section for section in made if section.items)


def conditions(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections(
        (_("Now"), (_condition(entry) for entry in entries if entry.extra["active"])),
        (_("In the past"), (_condition(entry) for entry in entries if not entry.extra["active"])),
    )


def _condition(entry: Entry) -> Item:
    day = span(entry.date_text, entry.end_text) if entry.end_text else _since(entry, _("Written down on %(day)s"))
    tag = _sure(entry) or _unless(entry.status, "active", "resolved", "inactive")
    return _item(entry, day=day, tag=tag)


def _since(entry: Entry, otherwise: str) -> SafeString:
    """Since when; where the source says only when it was written, that."""
    if not entry.date_text:
        return SafeString("")
    words = _("Since %(day)s") if entry.detail.get("since", True) else otherwise
    return joined(words, day=when(entry.date_text, "date"))


def _sure(entry: Entry) -> Words:
    return SURE.get(entry.detail.get("sure", ""), "")


def medications(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections(
        (_("Taking now"), (_medication(entry) for entry in entries if entry.extra["active"])),
        (_("In the past"), (_medication(entry) for entry in entries if not entry.extra["active"])),
    )


def _medication(entry: Entry) -> Item:
    started = _since(entry, _("Prescribed on %(day)s"))
    return _item(entry, about=entry.extra["dosage"], day=started, tag=_unless(entry.status, "active", "completed"))


def allergies(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections(
        (_("Now"), (_allergy(entry) for entry in entries if entry.extra["active"])),
        (_("In the past"), (_allergy(entry) for entry in entries if not entry.extra["active"])),
    )


def _allergy(entry: Entry) -> Item:
    tag, kind = (_("High risk"), "warning") if entry.extra["serious"] else (_sure(entry), "")
    day = _since(entry, _("Written down on %(day)s"))
    return _item(entry, about=entry.extra["reaction"], day=day, tag=tag, kind=kind)


def immunizations(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections(
        (_("Vaccines you had"), (_item(entry) for entry in entries if entry.extra["given"])),
        (_("Not given"), (_item(entry) for entry in entries if not entry.extra["given"])),
    )


def procedures(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections((_("Procedures"), (_item(entry, tag=_unless(entry.status, "completed")) for entry in entries)))


def documents(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections((_("Documents"), (document(entry) for entry in entries)))


def document(entry: Entry) -> Item:
    made = _item(entry, about=entry.extra["author"], tag=_unless(entry.status, "current"),
                 url=reverse("records:document", args=[entry.id]))  # fmt: skip
    files = files_of(entry.detail.get("files", ()), f"/records/documents/{entry.id}/files/")
    return Item(made.title, made.about, made.day, made.tag, made.tag_kind, made.facts, made.url, files)


def care_team(entries: Sequence[Entry]) -> tuple[Section, ...]:
    return _sections(
        (_("Your care team"), (_member(entry) for entry in entries if entry.extra["active"])),
        (_("In the past"), (_member(entry) for entry in entries if not entry.extra["active"])),
    )


def _member(entry: Entry) -> Item:
    about = " · ".join(part for part in (entry.extra["role"], entry.extra["team"]) if part and part != entry.title)
    day = _since(entry, "")
    return _item(entry, about=about, day=day)


def others(entries: Sequence[Entry], title: str) -> tuple[Section, ...]:
    return _sections((title, (_item(entry, tag=_unless(entry.status)) for entry in entries)))


def _unless(status: str, *usual: str) -> Words:
    return "" if status in ("", *usual) else state_words(status)

"""Visits as people read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.tenancy import current_hospital, hospital_zone
from portal.records.display.values import facts, when
from portal.records.names import plain_name
from portal.records.queries.visits import PartOfVisit, VisitItem
from portal.records.words import Words, label_words, state_words
from themes.icons import icon
from themes.moments import leaf_html, moment_words

MAP = "https://www.openstreetmap.org/search?"
CALM = frozenset({"booked", "planned", "finished", "fulfilled"})
"""States that go without saying: a visit ahead is booked, one in the past took place."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, ready to be placed. `time` is empty where the source gave only a day."""

    id: str
    url: str
    title: str
    day: SafeString
    moment: SafeString
    leaf: SafeString
    time: SafeString
    zone: str
    until: SafeString
    place: str
    map_url: str
    with_whom: str
    reason: str
    instruction: str
    state: Words
    facts: tuple[tuple[Any, SafeString], ...]
    ahead: bool
    has_calendar: bool

    @property
    def card(self) -> SafeString:
        """The card with what one must know to get there; its day leads to the visit's own page."""
        return card_html(self, f'<h3><a href="{self.url}">{conditional_escape(self.day)}</a></h3>')

    @property
    def own_card(self) -> SafeString:
        """The same on the visit's own page."""
        return card_html(self, f"<h2>{conditional_escape(self.day)}</h2>")


def card_html(visit: Visit, day: str) -> SafeString:
    """Put together here, not in a template: it stands on the home page, which everybody opens first."""
    until = f" – {visit.until}" if visit.until else ""
    zone = f'<span class="meta"><bdi dir="ltr">{escape(visit.zone)}</bdi></span>'
    lines = (
        ("clock", f"<strong>{visit.time}</strong>{until} {zone}" if visit.time else ""),
        ("place", _own_words(visit.place)),
        ("person", _own_words(visit.with_whom)),
        ("info", _own_words(visit.reason)),
        ("bring", _own_words(visit.instruction)),
        ("task", escape(visit.state) if visit.state else ""),
    )
    facts = "".join(f"<li>{icon(name)}<div>{said}</div></li>" for name, said in lines if said)
    calendar = f'<a class="button outline" href="{visit.url}calendar.ics">{escape(_("Add to calendar"))}</a>'
    way = f'<a href="{escape(visit.map_url)}" rel="noreferrer noopener">{escape(_("Directions"))}</a>'
    return mark_safe(  # noqa: S308  (each part is escaped)
        f'<div class="card"><div class="visit-head">{visit.leaf}<div>{day}<p class="meta">{escape(visit.title)}</p>'
        f'</div></div>\n<ul class="facts">{facts}</ul>\n<p class="actions">{calendar if visit.has_calendar else ""}'
        f"{way if visit.map_url else ''}</p></div>"
    )


def _own_words(text: str) -> str:
    """What the source wrote, in whatever direction it reads."""
    return f"<bdi>{escape(text)}</bdi>" if text else ""


def visit_of(item: VisitItem, *, near: bool = False) -> Visit:
    timed = item.date_precision == "time"
    place = item.place
    told = item.detail.get("facts", ())
    undated = SafeString(escape(_("No date yet")))
    day = when(item.date_text, "near_date" if near else "date") if item.date_text else undated
    return Visit(
        str(item.id),
        f"/visits/{item.id}/",
        item.title or _("Visit"),
        day,
        when(item.date_text, "near"),
        leaf_html(item.date_text),
        when(item.date_text, "time") if timed else SafeString(""),
        item.sort_at.astimezone(hospital_zone()).strftime("%Z") if timed and item.sort_at else "",
        when(item.end_text, "time") if timed and item.end_text[:10] == item.date_text[:10] else when(item.end_text),
        place,
        # The map is somebody else's: it learns which hospital, never which clinic.
        MAP + urlencode({"query": current_hospital().name}) if place else "",
        item.with_whom,
        item.reason,
        next((fact.get("text", "") for fact in told if fact.get("label") == "instruction"), ""),
        "" if item.status in CALM else state_words(item.status),
        tuple(facts((fact for fact in told if fact.get("label") != "instruction"), label_words)),
        item.ahead,
        timed and item.ahead,
    )


def spoken(item: VisitItem) -> str:
    """ "Tuesday, November 24, 10:30 am", for a sentence."""
    return moment_words(item.date_text)


def visits_of(items: Iterable[VisitItem]) -> tuple[Visit, ...]:
    return tuple(visit_of(item) for item in items)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that belongs to a visit, with its page."""

    icon: str
    url: str
    title: str
    day: SafeString


PLACES = {
    "report": ("document", "/results/reports/{}/"),
    "result": ("result", "/results/{}/"),
    "document": ("document", "/records/documents/{}/"),
    "procedure": ("procedure", "/records/procedures/"),
}


def parts_shown(parts: Iterable[PartOfVisit]) -> tuple[Part, ...]:
    language = get_language() or "en"
    return tuple(
        Part(PLACES[part.what][0], PLACES[part.what][1].format(part.id),
             plain_name(part.loinc, language, part.title) or _("Without a name"), when(part.date_text, "date"))
        for part in parts
    )  # fmt: skip

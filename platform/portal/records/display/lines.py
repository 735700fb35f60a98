"""The list of results: lines, gathered by visit or by order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from portal.records.display.values import value_html, verdict_html, when
from portal.records.names import plain_name
from portal.records.projection.verdict import ABOVE, BELOW
from portal.records.queries.reading import decoded
from portal.records.queries.results import ResultItem
from portal.records.words import QUIET
from themes.graphics import range_graphic
from themes.icons import icon

WORDS = frozenset({"string", "coded", "reference", "attachment"})
SHORT, LONG = 14, 60
TAGS = {
    "corrected": gettext_lazy("Corrected"),
    "amended": gettext_lazy("Corrected"),
    "preliminary": gettext_lazy("Not final yet"),
    "partial": gettext_lazy("Not final yet"),
    "cancelled": gettext_lazy("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list, ready to be placed."""

    url: str
    name: str
    small: str
    is_new: bool
    tag: str
    value: SafeString
    graphic: SafeString
    verdict: SafeString


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one report; `title` is empty for lines of none."""

    title: str
    url: str
    lines: tuple[Line, ...]

    @property
    def rows(self) -> SafeString:
        """The lines, their names one heading below the report's, where it has one."""
        return rows_html(self.lines, "h4" if self.title else "h3")


def rows_html(lines: Iterable[Line], heading: str = "h3") -> SafeString:
    """The rows of a list, put together here: a page of them through the template language takes half of its time."""
    tag = f'<span class="tag tag-new">{escape(_("New"))}</span> '
    more = icon("next")
    return mark_safe("".join(  # noqa: S308  (names are escaped, the rest was made as HTML)
        f'<li class="result-row"><div><{heading}><a href="{line.url}">{escape(line.name)}</a></{heading}>'
        f'<span class="meta">{tag if line.is_new else ""}{_tag(line.tag)}{escape(line.small)}</span></div>'
        f'<span class="result-value">{line.value}</span>{line.graphic}'
        f'<span class="result-verdict">{line.verdict}</span><span class="row-end">{more}</span></li>'
        for line in lines
    ))  # fmt: skip


def _tag(words: str) -> str:
    return f'<span class="tag">{escape(words)}</span> ' if words else ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was tested at one visit, or by one order, on one day."""

    key: str
    day: SafeString
    title: str
    about: str
    parts: tuple[Part, ...]


def line_of(item: ResultItem) -> Line:
    language = get_language() or "en"
    name = plain_name(item.loinc, language, item.title) or _("Test without a name")
    small = item.title if item.title != name else ""
    if item.part and item.parent_title not in (item.title, name):
        small = f"{item.parent_title} · {small}" if small else item.parent_title
    value, verdict = _value(item), _state(item)
    if item.value_kind in WORDS and len(item.value_text) > SHORT:
        value, verdict = SafeString(""), _told(item, value, verdict)
    tag = str(TAGS.get(item.status, "")) if not item.pending else ""
    return Line(_address(item), name, small, item.is_new, tag, value, _graphic(item), verdict)


def _value(item: ResultItem) -> SafeString:
    parts = decoded(item.parts) if item.parts else ()
    return value_html(item.value_kind, item.value_text, item.unit, item.comparator, parts)


def _told(item: ResultItem, value: SafeString, verdict: SafeString) -> SafeString:
    """Words too long for the column of numbers stand where the verdict stands; a whole text is for its own page."""
    if len(item.value_text) > LONG:
        return verdict or format_html('<span class="verdict verdict-within">{}</span>', _("Read the text"))
    return format_html("{} {}", value, verdict) if verdict else value


def _address(item: ResultItem) -> str:
    # Written out, not reversed: a list has a hundred of them, and a test holds it against urls.py.
    return f"/results/reports/{item.id}/" if item.what == "report" else f"/results/{item.id}/"


def _graphic(item: ResultItem) -> SafeString:
    if item.value_kind not in ("quantity", "integer") or item.comparator or item.pending:
        return SafeString("")
    return range_graphic(item.value_text, item.low_text or None, item.high_text or None, size="list")


def _state(item: ResultItem) -> SafeString:
    if item.pending:
        waiting = icon("waiting")
        return format_html('<span class="verdict verdict-within">{}<span>{}</span></span>', waiting, _("On its way"))
    if item.what == "report":
        return format_html('<span class="verdict verdict-within">{}</span>', _("Read the report"))
    return verdict_html(item.verdict, short=True)


def groups_of(items: Sequence[ResultItem]) -> tuple[Group, ...]:
    """Gathers the lines as they come: newest first, those of one visit and day together."""
    return tuple(_group(list(mine)) for _key, mine in groupby(items, key=attrgetter("day", "group_id")))


def _group(items: list[ResultItem]) -> Group:
    language = get_language() or "en"
    items.sort(key=_place)
    parts = tuple(_part(list(mine), language) for _panel, mine in groupby(items, key=attrgetter("panel_id")))
    visit = next((item for item in items if item.visit_title), None)
    about = _("With %(who)s") % {"who": visit.visit_with} if visit and visit.visit_with else ""
    title = visit.visit_title if visit else parts[0].title if len(parts) == 1 else ""
    day = when(items[0].day.isoformat(), "date") if items[0].day.year > 1 else SafeString(escape(_("Without a date")))
    key = f"{items[0].day}-{items[0].group_id}"
    return Group(key, day, title or _("Tests of this day"), about, _gathered(parts, title))


def _gathered(parts: tuple[Part, ...], title: str) -> tuple[Part, ...]:
    """A report of one line needs no heading: such lines stand together in one list."""
    headed = tuple(part for part in parts if len(part.lines) > 1 and part.title and part.title != title)
    plain = tuple(line for part in parts if part not in headed for line in part.lines)
    return (*headed, Part("", "", plain)) if plain else headed


def _place(item: ResultItem) -> tuple[str, str, int, str, int, str]:
    """A report's results stay in the report's order, components in theirs."""
    return item.panel_title, str(item.panel_id or ""), item.place_in_panel, item.title, len(item.part), item.part


def _part(items: list[ResultItem], language: str) -> Part:
    first = items[0]
    title = plain_name(first.panel_loinc, language, first.panel_title) if first.panel_id else ""
    url = reverse("records:report", args=[first.panel_id]) if first.panel_id else ""
    return Part(title, url, tuple(line_of(item) for item in items))


def lead_of(items: Iterable[ResultItem]) -> str:
    """One sentence about the newest group: how many, and how they lie. Counts only what has a verdict."""
    mine = list(items)
    usual = sum(item.verdict in QUIET for item in mine)
    above = sum(item.verdict in ABOVE for item in mine)
    below = sum(item.verdict in BELOW for item in mine)
    coming = sum(item.pending for item in mine)
    said = [
        (usual, ngettext("%(count)s is in the usual range", "%(count)s are in the usual range", usual)),
        (above, ngettext("%(count)s is above", "%(count)s are above", above)),
        (below, ngettext("%(count)s is below", "%(count)s are below", below)),
        (coming, ngettext("%(count)s is on its way", "%(count)s are on their way", coming)),
    ]
    return pgettext("between the parts of a sentence", ", ").join(
        words % {"count": count} for count, words in said if count
    )

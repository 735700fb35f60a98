"""What the record puts on the home page: new results, the next visit, and the ways into the record."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from foundation.permissions import viewer_of
from foundation.registry import HomeCard, HomeLink, HomePart, HomeTask
from portal.records.display.freshness import State, state_of
from portal.records.display.values import readable, value_html, verdict_html, when
from portal.records.display.visits import visit_of
from portal.records.names import plain_name
from portal.records.permissions import READ
from portal.records.queries.home import HomeView, NewItem, home_for
from portal.records.queries.visits import VisitItem
from themes.graphics import range_graphic
from themes.icons import icon
from themes.moments import moment_words
from themes.remembering import remembered


def record_cards(request: HttpRequest) -> HomePart:
    """One statement."""
    viewer = viewer_of(request)
    if viewer.patient is None or not viewer.may(READ):
        return HomePart()
    home = home_for(viewer)
    state = state_of(home.freshness)
    cards = [HomeCard("top", _state(request, state, has_record=home.has_record))]
    if state.ready:
        cards.append(HomeCard("next", _next(request, home.visit)))
        cards.append(HomeCard("new", _news(home)))
        cards.append(HomeCard("foot", mark_safe(f'<p class="freshness late">{icon("refresh")}{state.line}</p>')))  # noqa: S308  (each part is escaped)
    return HomePart(_tasks(home.new, home.new_count), tuple(cards), _links(get_language() or "en"))


# The usual cards are put together here, the rare ones are templates: everybody opens this page first, and a template
# takes several times as long.


def _state(request: HttpRequest, state: State, *, has_record: bool) -> SafeString:
    if state.ready and has_record and not state.notices:
        return SafeString("")
    return render_to_string("records/home_state.html", {"state": state, "has_record": has_record}, request)


def _next(request: HttpRequest, visit: VisitItem | None) -> SafeString:
    head = f"<section><h2>{escape(_('Your next visit'))}</h2>"
    card = visit_of(visit, near=True).card if visit else render_to_string("records/home_no_visit.html", {}, request)
    return mark_safe(f"{head}{card}</section>")  # noqa: S308  (each part is escaped)


def _news(home: HomeView) -> SafeString:
    title, link = escape(_("New since last time")), f'<a href="{_all_results()}">'
    return mark_safe(  # noqa: S308  (each part is escaped)
        f'<section class="late"><div class="section-head"><h2>{title}</h2>{link}{escape(_("All results"))}</a></div>\n'
        f"{_new_parts(home, link)}</section>"
    )


def _new_parts(home: HomeView, link: str) -> str:
    if not home.new:
        return f'<p class="secondary">{escape(_("Nothing new. When a result is ready, it shows here."))}</p>'
    parts = "".join(_new(item, first=not at) for at, item in enumerate(home.new))
    more = home.new_count - len(home.new)
    words = ngettext("See %(n)s more new result", "See %(n)s more new results", more) % {"n": more}
    return f'<div class="card flush">{parts}</div>' + (
        f'\n<p class="gap-above">{link}{escape(words)}</a></p>' if more > 0 else ""
    )


def _tasks(new: tuple[NewItem, ...], count: int) -> tuple[HomeTask, ...]:
    if not new:
        return ()
    title = ngettext("Read your new result", "Read your %(count)s new results", count) % {"count": count}
    about = (
        _("The newest is from %(day)s") % {"day": moment_words(new[0].date_text, "date")} if new[0].date_text else ""
    )
    url = _address(new[0]) if count == 1 else _all_results()
    return (HomeTask(title, url, "result", about, action=_("Open it") if count == 1 else _("See the results")),)


@remembered(1)
def _all_results() -> str:
    return reverse("records:results")


@remembered(20)
def _links(language: str) -> tuple[HomeLink, ...]:
    del language  # in force already: it only tells the answers apart
    return (
        HomeLink(_("See your medicines"), reverse("records:list", args=["medications"]), "medicine"),
        HomeLink(_("See your vital signs"), reverse("records:vitals"), "vitals"),
        HomeLink(_("Read your documents"), reverse("records:list", args=["documents"]), "document"),
        HomeLink(_("Download my record"), reverse("records:exports"), "download"),
    )


def _address(item: NewItem) -> str:
    return f"/results/reports/{item.id}/" if item.what == "report" else f"/results/{item.id}/"


def _new(item: NewItem, *, first: bool) -> str:
    """A new result or report; the first one with its place in the usual range."""
    name = plain_name(item.loinc, get_language() or "en", item.title) or _("Test without a name")
    drawn = first and item.value_kind in ("quantity", "integer") and not item.comparator
    low, high = item.low_text or None, item.high_text or None
    graphic = range_graphic(readable(item.value_text), low, high, size="small") if drawn else ""
    value = verdict_html(item.verdict, value=value_html(item.value_kind, item.value_text, item.unit, item.comparator))
    return _part(_address(item), escape(name), item.title if item.title != name else "", item.date_text, value, graphic)


def _part(url: str, name: str, small: str, date_text: str, value: str, graphic: str) -> str:
    about = f"<bdi>{escape(small)}</bdi> · " if small else ""
    meta = f'<p class="meta">{about}{when(date_text, "near_date")}</p>'
    if not graphic:
        value = f"<p>{value}</p>" if value else ""
        return f'<div class="card-part"><h3><a href="{url}">{name}</a></h3>{meta}{value}</div>'
    see = f'<strong>{escape(_("See this result"))}</strong><span class="unseen">: {name}</span>'
    return (
        f'<div class="card-part"><h3>{name}</h3>{meta}<div class="split"><p>{value}</p>{graphic}</div>'
        f'<p class="gap-above"><a href="{url}">{see}</a></p></div>'
    )

"""The home page of patients; everybody else goes to their own start page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.clock import now
from foundation.permissions import Viewer, signed_in, viewer_of
from foundation.registry import HomeLink, HomeTask, home_cards
from foundation.tenancy import hospital_zone
from portal.accounts.landing import home_of
from themes.icons import icon
from themes.remembering import remembered

MOST_TASKS = 5
NOON, EVENING = 12, 18


@signed_in()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    target = home_of(viewer.roles, in_hospital=True)
    if target != request.path:
        return redirect(target)
    return render(request, "dashboard/home.html", words_for(request, viewer))


def words_for(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """Puts together what the registered packages offer, in the home page's order."""
    tasks: list[HomeTask] = []
    cards = dict.fromkeys(("top", "next", "new", "foot"), SafeString(""))
    links: list[HomeLink] = []
    for make in home_cards.values():
        part = make(request)
        tasks += part.tasks
        links += part.links
        for card in part.cards:
            cards[card.place] += card.html
    name = (viewer.patient.given_name if viewer.patient else "") or str(viewer.extra.get("given_name", ""))
    shown = tasks[:MOST_TASKS]
    return {"greeting": greeting(name), "lead": lead(len(shown)), "tasks": tasks_html(shown), "cards": cards,
            "links": links_html(tuple(links), get_language() or "en")}  # fmt: skip


def tasks_html(tasks: list[HomeTask]) -> SafeString:
    if not tasks:
        return SafeString("")
    lines = format_html_join("", "{}", ((_task(task, first=not at),) for at, task in enumerate(tasks)))
    return format_html(
        '<section><h2>{} <span class="count">{}</span></h2><ul class="rows">{}</ul></section>',
        _("For you to do"), len(tasks), lines,
    )  # fmt: skip


def _task(task: HomeTask, *, first: bool) -> SafeString:
    """The first task has a button, if there is a word for it; the others are links."""
    button = first and bool(task.action)
    return format_html(
        '<li class="row"><span class="row-icon">{}</span><div class="row-body"><h3>{}</h3>{}{}{}</div>{}</li>',
        icon(task.icon),
        task.title if button else format_html('<a href="{}">{}</a>', task.url, task.title),
        format_html('<p class="meta">{}</p>', task.about) if task.about else "",
        format_html('<p class="due">{} {}</p>', icon("clock"), task.due) if task.due else "",
        format_html('<p class="actions"><a class="button" href="{}">{}</a></p>', task.url, task.action)
        if button
        else "",
        "" if button else format_html('<span class="row-end">{}</span>', icon("next")),
    )


@remembered(50)
def links_html(links: tuple[HomeLink, ...], language: str) -> SafeString:
    """The ways on. They say nothing of a person, and are the same for everybody who has them: drawn once."""
    del language  # in force already: it only tells the answers apart
    if not links:
        return SafeString("")
    lines = format_html_join("", '<li>{}<a href="{}">{}</a>{}</li>', (
        (icon(link.icon), link.url, link.title, icon("next")) for link in links
    ))  # fmt: skip
    words = _("Other things you can do")
    return format_html('<section class="late"><h2>{}</h2><ul class="links">{}</ul></section>', words, lines)


def greeting(name: str) -> str:
    """By the clock on the hospital's wall."""
    hour = now().astimezone(hospital_zone()).hour
    if hour < NOON:
        return _("Good morning, %(name)s") % {"name": name} if name else _("Good morning")
    if hour < EVENING:
        return _("Good afternoon, %(name)s") % {"name": name} if name else _("Good afternoon")
    return _("Good evening, %(name)s") % {"name": name} if name else _("Good evening")


def lead(count: int) -> str:
    if not count:
        return _("Nothing to do right now.")
    return ngettext("You have one thing to do.", "You have %(count)s things to do.", count) % {"count": count}

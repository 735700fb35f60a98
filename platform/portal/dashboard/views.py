"""The home page of patients; everybody else goes to their own start page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from foundation.clock import now
from foundation.permissions import Viewer, signed_in
from foundation.registry import HomeCard, HomeLink, HomeTask, home_cards
from foundation.tenancy import hospital_zone
from portal.accounts.landing import home_of

MOST_TASKS = 5
NOON, EVENING = 12, 18


@signed_in()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    target = home_of(viewer.roles, in_hospital=True)
    if target != request.path:
        return redirect(target)
    return render(request, "dashboard/home.html", words_for(request, viewer))


def words_for(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """Puts together what the registered packages offer, in the home page's order."""
    tasks: list[HomeTask] = []
    cards: dict[str, list[HomeCard]] = {"top": [], "next": [], "new": [], "foot": []}
    links: list[HomeLink] = []
    for make in home_cards.values():
        part = make(request)
        tasks += part.tasks
        links += part.links
        for card in part.cards:
            cards[card.place].append(card)
    name = (viewer.patient.given_name if viewer.patient else "") or str(viewer.extra.get("given_name", ""))
    shown = tasks[:MOST_TASKS]
    return {"greeting": greeting(name), "lead": lead(len(shown)), "tasks": shown, "cards": cards, "links": links}


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

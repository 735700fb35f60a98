"""Where people go once they are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from foundation.permissions import Viewer
from foundation.registry import NavItem, Registry, nav_items, staff_links, waiting
from portal.accounts.models import Role, User
from portal.accounts.models.people import HOSPITAL_STAFF


def home_of(roles: Iterable[str], *, in_hospital: bool) -> str:
    """Patients have their home at the root; staff who are nobody's patient have a start page of their own."""
    mine = frozenset(roles)
    if in_hospital and Role.PATIENT.value not in mine and mine & HOSPITAL_STAFF:
        return reverse("accounts:staff")
    return "/"


def onward(request: HttpRequest, after: str = "") -> HttpResponse:
    """To where somebody was going, or to their home."""
    user = request.user
    roles = user.role_names if isinstance(user, User) else frozenset()
    return redirect(after or home_of(roles, in_hospital=request.hospital is not None))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the staff's start page."""

    label: str
    url: str
    icon: str
    waiting: int = 0


def start_places(viewer: Viewer) -> list[Place]:
    """What the staff's start page leads to, with how much waits there."""
    return places_for(viewer, nav_items) + places_for(viewer, staff_links)


def places_for(viewer: Viewer, offered: Registry[NavItem]) -> list[Place]:
    """The pages that other apps offer and that this viewer may open."""
    found: list[Place] = []
    for key, item in sorted(offered.items(), key=lambda pair: pair[1].order):
        if not item.roles & viewer.roles or (item.permission and not viewer.may(item.permission)):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        count = waiting.get(key)() if key in waiting else 0
        found.append(Place(str(item.label), url, item.icon, count))
    return [place for place in found if place.url != reverse("accounts:staff")]

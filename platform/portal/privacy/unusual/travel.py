"""Two sign-ins of one person from places too far apart for the time between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import Ground, Place, SignIn
from portal.privacy.unusual.rule import Found, Rule

FASTEST_KMH = 900.0  # an airliner
NEAR_KM = 300.0  # closer than that, the database of places may simply be wrong
EARTH_KM = 6371.0
WEIGHT = 60


def look(ground: Ground) -> Iterator[Found]:
    if ground.places is None:
        return
    ordered = sorted(ground.sign_ins, key=lambda sign_in: (sign_in.person, sign_in.at))
    for _person, mine in groupby(ordered, key=lambda sign_in: sign_in.person):
        located = [(sign_in, ground.places[sign_in.address]) for sign_in in mine if sign_in.address in ground.places]
        for (before, here), (after, there) in pairwise(located):
            if apart := too_far(before, here, after, there):
                yield _found(before, here, after, there, apart, ground.zone)


def too_far(before: SignIn, here: Place, after: SignIn, there: Place) -> int:
    """How many kilometers lie between, where nobody travels that fast; else 0. The doubt about both places counts for
    the traveller."""
    apart = kilometers(here, there) - here.radius_km - there.radius_km
    hours = (after.at - before.at).total_seconds() / 3600
    return round(apart) if apart > NEAR_KM and apart > FASTEST_KMH * hours else 0


def kilometers(here: Place, there: Place) -> float:
    """Along the great circle (haversine)."""
    south, north = radians(here.latitude), radians(there.latitude)
    east = radians(there.longitude - here.longitude)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def _found(before: SignIn, here: Place, after: SignIn, there: Place, apart: int, zone: ZoneInfo) -> Found:
    minutes = round((after.at - before.at).total_seconds() / 60)
    facts = {"from": here.name, "to": there.name, "kilometers": apart, "minutes": minutes}
    day = after.at.astimezone(zone).date()
    return Found(after.person, after.name, day, WEIGHT, (before.event, after.event), 2, facts=facts)


def say(facts: Mapping[str, Any]) -> str:
    return _("They signed in from %(from)s, and %(minutes)s minutes later from %(to)s, %(kilometers)s km away.") % facts


RULE = Rule("travel", gettext_lazy("Impossible distance"), look, say)

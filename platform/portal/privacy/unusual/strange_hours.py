"""Looks at an hour at which this person hardly ever works, by the hospital's clock. Who works nights is not odd at
night: the measure is the person's own past. Without enough of it, nothing is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import HOURS, Ground, HourOf, Usual
from portal.privacy.unusual.rule import MOST_EVENTS, Found, Rule

ENOUGH_LOOKS, ENOUGH_DAYS = 50, 10
SHARE = 0.01
WEIGHT = 25


def look(ground: Ground) -> Iterator[Found]:
    odd: dict[tuple[UUID, date], list[HourOf]] = defaultdict(list)
    for hour in ground.hours:
        if is_odd(hour.hour, ground.usual.get(hour.person, Usual())):
            odd[hour.person, hour.day].append(hour)
    for (person, day), hours in odd.items():
        member = ground.members.get(person)
        events = tuple(event for hour in hours for event in hour.events)[:MOST_EVENTS]
        facts = {"hour": min(hour.hour for hour in hours)}
        yield Found(
            person, member.name if member else "", day, WEIGHT, events, sum(hour.looks for hour in hours), facts=facts
        )


def is_odd(hour: int, usual: Usual) -> bool:
    """Fewer than one look in a hundred was in this hour or one beside it."""
    if usual.looks < ENOUGH_LOOKS or usual.days < ENOUGH_DAYS:
        return False
    near = sum(usual.by_hour[(hour + step) % HOURS] for step in (-1, 0, 1))
    return near / usual.looks < SHARE


def say(facts: Mapping[str, Any]) -> str:
    return _("They looked at records around %(hour)s, when they hardly ever do.") % {"hour": f"{facts['hour']:02d}:00"}


RULE = Rule("strange_hours", gettext_lazy("Odd hours"), look, say)

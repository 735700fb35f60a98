"""Many different patients within an hour, measured against what this person usually does, or others of the role.

The measure is robust: the median and the median distance from it (times 1.4826, which makes it comparable to a standard
deviation), so that one odd day in the past moves it little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import Ground, HourOf, Usual
from portal.privacy.unusual.rule import MOST_EVENTS, Found, Rule

LEAST = 20  # fewer patients than this in an hour are never many
UNKNOWN_LEAST = 60  # where neither the person nor the role has a past
ENOUGH_HOURS = 20
DEVIATIONS = 6.0
TIMES = 3.0
WEIGHT, HEAVIEST = 40, 80


def look(ground: Ground) -> Iterator[Found]:
    worst: dict[tuple[Any, Any], tuple[HourOf, float, float]] = {}
    for hour in ground.hours:
        usual, bound = bound_for(hour, ground)
        key = (hour.person, hour.day)
        if hour.patients > bound and (key not in worst or hour.patients > worst[key][0].patients):
            worst[key] = (hour, usual, bound)
    for hour, usual, bound in worst.values():
        member = ground.members.get(hour.person)
        weight = min(HEAVIEST, round(WEIGHT * hour.patients / bound))
        facts = {"patients": hour.patients, "hour": hour.hour, "usual": round(usual)}
        yield Found(
            hour.person, member.name if member else "", hour.day, weight, hour.events[:MOST_EVENTS], hour.looks,
            facts=facts,
        )  # fmt: skip


def bound_for(hour: HourOf, ground: Ground) -> tuple[float, float]:
    """What is usual in an hour, and above what it is unusual."""
    own = ground.usual.get(hour.person, Usual()).patients_an_hour
    if len(own) >= ENOUGH_HOURS:
        return _bound(own)
    member = ground.members.get(hour.person)
    role = ground.usual_of_role.get(member.role, Usual()).patients_an_hour if member else ()
    return _bound(role) if len(role) >= ENOUGH_HOURS else (0.0, float(UNKNOWN_LEAST))


def _bound(hours: Sequence[int]) -> tuple[float, float]:
    middle = median(hours)
    spread = 1.4826 * median(abs(value - middle) for value in hours)
    return middle, max(float(LEAST), middle * TIMES, middle + DEVIATIONS * spread)


def say(facts: Mapping[str, Any]) -> str:
    said = {"patients": facts["patients"], "hour": f"{facts['hour']:02d}:00", "usual": facts["usual"]}
    if not facts["usual"]:
        return _("They opened the records of %(patients)s patients in the hour from %(hour)s.") % said
    return _(
        "They opened the records of %(patients)s patients in the hour from %(hour)s. Usual for them is about %(usual)s."
    ) % said  # fmt: skip


RULE = Rule("bulk", gettext_lazy("Many patients"), look, say)

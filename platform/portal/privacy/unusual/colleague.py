"""The patient works here: somebody looked at a colleague's record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import Ground
from portal.privacy.unusual.rule import Found, Rule, of_look

WEIGHT = 30


def look(ground: Ground) -> Iterator[Found]:
    for looked in ground.looks:
        subject, member = ground.subjects.get(looked.patient), ground.members.get(looked.person)
        if member is None or subject is None or looked.patient in member.own or member.full == subject.full:
            continue
        if subject.works_here:
            yield of_look(ground, looked, WEIGHT)


def say(facts: Mapping[str, Any]) -> str:
    return _("The patient seems to work at this hospital: somebody on the staff has their name.")


RULE = Rule("colleague", gettext_lazy("Colleague"), look, say, lasting=True)

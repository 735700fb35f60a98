"""The patient and the one who looked have the same surname. How much that says depends on how many have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import Ground
from portal.privacy.unusual.rule import Found, Rule, of_look

RARE, COMMON = 35, 15
RARE_SHARE, COMMON_SHARE = 0.005, 0.03
ENOUGH_PATIENTS = 200  # below that a share says nothing, and every name counts as rare


def look(ground: Ground) -> Iterator[Found]:
    for looked in ground.looks:
        member, subject = ground.members.get(looked.person), ground.subjects.get(looked.patient)
        if member is None or subject is None or not member.surname or looked.patient in member.own:
            continue
        weight = weight_of(member.surname, ground)
        if member.surname == subject.surname and weight:
            yield of_look(ground, looked, weight, name=subject.name)


def weight_of(surname: str, ground: Ground) -> int:
    """Nothing for a name that one patient in thirty has."""
    if ground.patients < ENOUGH_PATIENTS:
        return RARE
    share = ground.surnames.get(surname, 0) / ground.patients
    return 0 if share > COMMON_SHARE else COMMON if share > RARE_SHARE else RARE


def say(facts: Mapping[str, Any]) -> str:
    return _("They have the same surname as the patient.")


RULE = Rule("same_surname", gettext_lazy("Same surname"), look, say, lasting=True)

"""The patient and the one who looked live at the same address, as the record system has it. The address itself stays
where it is: only that two are equal comes here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import Ground
from portal.privacy.unusual.rule import Found, Rule, of_look

WEIGHT = 60


def look(ground: Ground) -> Iterator[Found]:
    for looked in ground.looks:
        member = ground.members.get(looked.person)
        if member is None or looked.patient in member.own:
            continue
        if any((own, looked.patient) in ground.same_address for own in member.own):
            yield of_look(ground, looked, WEIGHT)


def say(facts: Mapping[str, Any]) -> str:
    return _("They live at the patient’s address.")


RULE = Rule("same_address", gettext_lazy("Same address"), look, say, lasting=True)

"""Somebody on the staff looked at their own record, or at that of somebody whose record they may open as family, with
the rights of their work. They have their own way in as a patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.privacy.unusual.ground import Ground
from portal.privacy.unusual.rule import Found, Rule, of_look

WEIGHT, BY_NAME = 30, 20


def look(ground: Ground) -> Iterator[Found]:
    for looked in ground.looks:
        member, subject = ground.members.get(looked.person), ground.subjects.get(looked.patient)
        if member is None:
            continue
        if looked.patient in member.own:
            yield of_look(ground, looked, WEIGHT)
        elif subject is not None and " " in member.full and member.full == subject.full:
            yield of_look(ground, looked, BY_NAME, by_name=True)


def say(facts: Mapping[str, Any]) -> str:
    if facts.get("by_name"):
        return _("The patient has their name. It may be their own record.")
    return _("It is their own record, or that of somebody whose record they may open as family.")


RULE = Rule("own_record", gettext_lazy("Own record"), look, say, lasting=True)

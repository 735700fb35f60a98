"""Somebody looked at a record that is under special watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.privacy.unusual.ground import Ground
from portal.privacy.unusual.rule import Found, Rule, of_look

WEIGHT = 50


def look(ground: Ground) -> Iterator[Found]:
    for looked in ground.looks:
        subject = ground.subjects.get(looked.patient)
        if subject is not None and subject.flag:
            yield of_look(ground, looked, WEIGHT, reason=subject.flag, looks=looked.count)


def say(facts: Mapping[str, Any]) -> str:
    said = ngettext(
        "The record is under special watch (%(reason)s), and was opened once.",
        "The record is under special watch (%(reason)s), and was opened %(looks)s times.", int(facts.get("looks", 1)),
    )  # fmt: skip
    return said % {"reason": facts.get("reason") or _("no reason given"), "looks": facts.get("looks", 1)}


RULE = Rule("flagged", gettext_lazy("Special watch"), look, say)

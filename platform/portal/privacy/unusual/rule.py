"""The shape of a rule, and of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from portal.privacy.unusual.ground import Ground, Looked

MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Something unusual: who, about whom or nobody, on which day, how much it weighs (1 to 100), and on what events it
    rests. `facts` are what the rule puts into its words."""

    person: UUID | None
    name: str
    day: date
    weight: int
    events: tuple[int, ...]
    count: int
    patient: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """`look` finds, `say` puts one finding's facts into words. `lasting`: once explained for a person and a patient,
    it is not found again for them."""

    key: str
    title: str | Promise
    look: Callable[[Ground], Iterator[Found]]
    say: Callable[[Mapping[str, Any]], str]
    lasting: bool = False


def of_look(ground: Ground, looked: Looked, weight: int, **facts: Any) -> Found:
    """A finding about one person's looks at one patient."""
    member = ground.members.get(looked.person)
    return Found(
        looked.person, member.name if member else "", looked.day, weight, looked.events[:MOST_EVENTS], looked.count,
        looked.patient, facts,
    )  # fmt: skip

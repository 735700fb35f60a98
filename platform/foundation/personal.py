"""What every model holds of people, and how it is handed out and taken away (GDPR 15, 17 and 20; S65).

Each app says so in its module `personal`, which is read at the start; what other people's apps hold is said in
`portal.personal.third_party`. A model that nobody speaks for fails a test.
"""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from foundation.registry import Registry

AT_ONCE = 500


class Holds(StrEnum):
    """How near a table is to a person."""

    HEALTH = "health"  # what is known of somebody's health: each look is audited
    IDENTITY = "identity"  # who somebody is
    ACCOUNT = "account"  # how somebody signs in, what they did and chose here
    TECHNICAL = "technical"  # the hospital's settings and the machine's own, nobody's data
    NOTHING = "nothing"  # tables that hold rows of no person by their nature


PERSONAL = frozenset({Holds.HEALTH, Holds.IDENTITY, Holds.ACCOUNT})


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data is meant: a patient (records that were joined to theirs included), an account, or both."""

    patient_ids: tuple[UUID, ...] = ()
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Not taken away, and why, in words for the person whose data it is."""

    reason: str | Promise


type Export = Callable[["Declaration", Subject], Iterator[Mapping[str, Any]]]
type Erase = Callable[["Declaration", Subject], int]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one model holds. `patient` is the column that names the patient; `person` the lookup of an account's id.

    `hidden` are columns that no copy shows: secrets, and numbers that say nothing to anybody.
    """

    model: type[Model]
    holds: Holds
    title: str | Promise = ""
    patient: str = ""
    person: str = ""
    hidden: frozenset[str] = frozenset()
    export: Export | None = None
    erase: Erase | Kept | None = None

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def label(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def columns(self) -> list[str]:
        """What a copy shows of each row."""
        return [f.attname for f in self.model._meta.concrete_fields if f.attname not in self.hidden]

    def rows(self, subject: Subject) -> QuerySet[Any]:
        """The subject's rows; none where the model does not know this sort of subject."""
        wanted = Q()
        if self.patient and subject.patient_ids:
            wanted |= Q(**{f"{self.patient}__in": subject.patient_ids})
        if self.person and subject.user_id:
            wanted |= Q(**{self.person: subject.user_id})
        everybody = self.model._default_manager
        return everybody.filter(wanted) if wanted else everybody.none()


_declared: Registry[Declaration] = Registry("personal data")


def each_row(declared: Declaration, subject: Subject) -> Iterator[Mapping[str, Any]]:
    """The usual exporter: the subject's rows as they stand, some hundred at a time."""
    yield from declared.rows(subject).order_by("pk").values(*declared.columns).iterator(chunk_size=AT_ONCE)


def delete_rows(declared: Declaration, subject: Subject) -> int:
    """The usual eraser. The number of rows."""
    rows = declared.rows(subject)
    count = rows.count()
    rows.delete()
    return count


def emptied(**values: Any) -> Erase:
    """An eraser that leaves the row and takes out what it says."""

    def empty(declared: Declaration, subject: Subject) -> int:
        return declared.rows(subject).update(**values)

    return empty


def holds(
    model: type[Model] | str,
    what: Holds,
    *,
    title: str | Promise = "",
    patient: str = "",
    person: str = "",
    hidden: tuple[str, ...] = (),
    export: Export | None = None,
    erase: Erase | Kept | None = None,
) -> Declaration:
    """Says what a model holds. `model` may be given as "app.Model"."""
    found = apps.get_model(model) if isinstance(model, str) else model
    said = Declaration(found, what, title, patient, person, frozenset(hidden), export, erase)
    return _declared.register(said.label, said)


def hold_nothing(*labels: str, what: Holds = Holds.NOTHING) -> None:
    """The same for models without anybody's data."""
    for label in labels:
        holds(label, what)


def discover() -> None:
    """Reads the module `personal` of every app that has one."""
    autodiscover_modules("personal")


def declared(model: type[Model]) -> Declaration | None:
    """What was said of this model; None where nobody has spoken for it."""
    label = model._meta.label_lower
    return _declared.get(label) if label in _declared else None


def declarations(*kinds: Holds) -> list[Declaration]:
    """All of them, or those of these kinds, in the order in which they were made."""
    return [said for said in _declared.values() if not kinds or said.holds in kinds]


def personal() -> list[Declaration]:
    """The models with somebody's data."""
    return declarations(*PERSONAL)


def health_tables() -> dict[str, str]:
    """Tables of health data, and the column of each that names the patient."""
    return {said.table: said.patient for said in declarations(Holds.HEALTH)}


def erasers() -> list[Declaration]:
    """The models from which rows are taken, each before those that its foreign keys point at."""
    taking = {said.model: said for said in _declared.values() if callable(said.erase)}
    order: graphlib.TopologicalSorter[type[Model]] = graphlib.TopologicalSorter({model: set() for model in taking})
    for model in taking:
        for field in model._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and target in taking and target is not model:
                order.add(target, model)
    return [taking[model] for model in order.static_order()]

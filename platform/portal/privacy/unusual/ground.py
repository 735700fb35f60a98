"""What the rules stand on: looks of a stretch of time, gathered by person and patient, and what was usual before.

No rule reads the database, and nothing here is clinical: names, hours, counts, and which two people live together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

HOURS = 24


@dataclass(frozen=True, slots=True)
class Looked:
    """One member of staff at one patient's record, on one day of the hospital's calendar."""

    person: UUID
    patient: UUID
    day: date
    events: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class HourOf:
    """What one member of staff looked at in one hour of the hospital's clock: looks, and different patients."""

    person: UUID
    day: date
    hour: int
    looks: int
    patients: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """What a person, or everybody of a role, did before the stretch: looks by hour of the day, different patients in
    each hour with looks, and on how many days there were any."""

    by_hour: tuple[int, ...] = (0,) * HOURS
    patients_an_hour: tuple[int, ...] = ()
    days: int = 0

    @property
    def looks(self) -> int:
        return sum(self.by_hour)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff. `own` are the patients whose record they may open by themselves: their own, or their family's.
    Names stand as people write them and as they can be compared (`names.plain`)."""

    id: UUID
    name: str
    surname: str
    role: str
    full: str = ""
    own: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """A patient who was looked at. `works_here`: the patient is somebody on the staff."""

    id: UUID
    name: str
    surname: str
    full: str = ""
    works_here: bool = False
    flag: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in, and the network address it came from."""

    event: int
    person: UUID
    name: str
    at: datetime
    address: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network address is, how exactly that is known, and what people call it."""

    latitude: float
    longitude: float
    radius_km: float
    name: str


@dataclass(frozen=True, slots=True)
class Ground:
    """One stretch of time in one hospital."""

    looks: Sequence[Looked] = ()
    hours: Sequence[HourOf] = ()
    members: Mapping[UUID, Member] = field(default_factory=dict)
    subjects: Mapping[UUID, Subject] = field(default_factory=dict)
    usual: Mapping[UUID, Usual] = field(default_factory=dict)
    usual_of_role: Mapping[str, Usual] = field(default_factory=dict)
    same_address: frozenset[tuple[UUID, UUID]] = frozenset()
    surnames: Mapping[str, int] = field(default_factory=dict)
    patients: int = 0
    sign_ins: Sequence[SignIn] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    places: Mapping[str, Place] | None = None
    """None where no database of places is set: the rule about travel is off."""

"""Registries: how a package offers something to one that does not know it.

A package registers in its `AppConfig.ready`; whoever shows the things reads them. Nothing is registered later.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from django.core.management.base import CommandParser, OutputWrapper
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString


class Registry[T]:
    """An ordered mapping that refuses a second, different value under one key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._values: dict[str, T] = {}

    def register(self, key: str, value: T) -> T:
        if key in self._values and self._values[key] != value:
            raise ValueError(f"{self.name}: {key!r} is registered already")
        self._values[key] = value
        return value

    def get(self, key: str) -> T:
        return self._values[key]

    def items(self) -> Iterable[tuple[str, T]]:
        return self._values.items()

    def values(self) -> Iterable[T]:
        return self._values.values()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation: five at most on a phone."""

    label: str | Promise
    url_name: str
    icon: str
    order: int
    roles: frozenset[str] = frozenset({"patient"})
    permission: str = ""


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """One FHIR resource as the mirror holds it. `body` is the resource as it came."""

    id: UUID
    type: str
    fhir_id: str
    body: dict[str, Any]
    patient_id: UUID | None
    version_id: str
    last_updated: str
    source: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource, or a part of one, that could not be projected: kept in the mirror, counted, shown to the admin."""

    resource_id: UUID
    reason: str


class Projector(Protocol):
    """Turns a patient's changed and removed mirror rows into typed rows, within the synchronisation's transaction."""

    def __call__(self, patient_id: UUID, changed: list[MirrorRow], removed: list[MirrorRow]) -> list[Kept]: ...


class HospitalCommand(Protocol):
    """A subcommand of `manage.py hospital`."""

    help: str

    def add_arguments(self, parser: CommandParser) -> None: ...

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None: ...


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A task that the one scheduler starts every `seconds`."""

    task: str
    seconds: int
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HomeTask:
    """A line of "For you to do": what, how long or since when, and where it is done."""

    title: str
    url: str
    icon: str
    about: str = ""
    due: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class HomeLink:
    """A line of "Other things you can do"."""

    title: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class HomeCard:
    """A card of the home page, drawn by the package that puts it there."""

    place: Literal["top", "next", "new", "foot"]
    html: SafeString


@dataclass(frozen=True, slots=True)
class HomePart:
    """What one package puts on the home page of whoever asks."""

    tasks: tuple[HomeTask, ...] = ()
    cards: tuple[HomeCard, ...] = ()
    links: tuple[HomeLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A kind of event that hands health data to somebody outside the hospital, and that the hospital must account for
    (45 CFR 164.528): not for treatment, payment or the hospital's own work, and not to the patient. The event's target
    is ("recipient", name)."""

    what: str | Promise
    purpose: str | Promise


@dataclass(frozen=True, slots=True)
class EventMeaning:
    """What a kind of event means to the patient whom it is about: `done` and `tried` as sentences without a subject
    ("Opened a test result"); `look` where somebody saw a part of the record; `listed` is False where another event of
    the same moment says the same."""

    done: str | Promise
    tried: str | Promise = ""
    deed: Literal["create", "read", "update", "delete", "execute"] = "execute"
    look: bool = False
    listed: bool = True
    disclosed: Disclosed | None = None


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """Where sealed texts stand: the model, "" for values that do not last (as in a session), and the field that names
    the row for which each was sealed. Registered under `table.column`."""

    model: str = ""
    row: str = "pk"


event_kinds: Registry[str | Promise] = Registry("event kinds")
event_meanings: Registry[EventMeaning] = Registry("meanings of event kinds")
event_reasons: Registry[str | Promise] = Registry("reasons in events")
account_links: Registry[NavItem] = Registry("links on the account page")
record_links: Registry[NavItem] = Registry("links on the record's first page")
staff_links: Registry[NavItem] = Registry("links on the staff's start page that have no place in the navigation")
waiting: Registry[Callable[[], int]] = Registry("how much waits behind an entry of the staff's start page")
"""By the key of the entry. Asked only for those who may open it."""
nav_items: Registry[NavItem] = Registry("navigation")
home_cards: Registry[Callable[[HttpRequest], HomePart]] = Registry("home cards")
projectors: Registry[Projector] = Registry("projectors")
hospital_commands: Registry[HospitalCommand] = Registry("hospital commands")
sealed_columns: Registry[SealedColumn] = Registry("sealed columns")
schedule: Registry[Scheduled] = Registry("schedule")
on_hospital_created: Registry[Callable[..., None]] = Registry("on hospital created")
on_hospital_suspended: Registry[Callable[..., object]] = Registry("on hospital suspended")
provisioner_jobs: Registry[Callable[..., dict[str, Any] | None]] = Registry("provisioner jobs")
alarm_readers: Registry[Callable[[frozenset[str]], list[str]]] = Registry("alarm readers")

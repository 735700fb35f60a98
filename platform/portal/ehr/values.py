"""What connectors take and give: frozen values, FHIR R4 inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Ability(StrEnum):
    """What a connector can do. Pages and the synchronisation follow."""

    LIST_PATIENTS = "list_patients"
    CHANGES = "changes"
    CHANGED_PATIENTS = "changed_patients"
    COMPARE_IDS = "compare_ids"
    READ_BY_ID = "read_by_id"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Received:
    """One resource as it came. `json` is its text with sorted keys and every digit kept; `body` the same, decoded.

    `fhir_id` is the source's id, or "~" and a hash where the source gave none. `note` says what is odd about it.
    """

    type: str
    fhir_id: str
    version_id: str
    last_updated: str
    body: dict[str, Any] = field(compare=False, repr=False)
    json: bytes = field(repr=False)
    content_hash: bytes = field(repr=False)
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.type, self.fhir_id


@dataclass(frozen=True, slots=True)
class PatientKey:
    """A patient at the source. `aliases` are ids that were merged into this one."""

    fhir_id: str
    aliases: frozenset[str] = frozenset()
    identifiers: frozenset[tuple[str, str]] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self.aliases | {self.fhir_id}


@dataclass(frozen=True, slots=True)
class Kind:
    """The outcome of asking for one kind of resource of one patient.

    `complete` is true when every page was read and nothing had to be rejected: only then does absence mean anything.
    `as_of` is the source's own clock when the question was asked, the next increment's beginning.
    """

    type: str
    resources: tuple[Received, ...] = ()
    complete: bool = True
    whole: bool = False
    as_of: str = ""
    fault: str = ""
    rejected: int = 0
    outcomes: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of patients."""

    patients: tuple[Received, ...]
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes, as the source holds them."""

    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One step of a connection test: what was tried, how it went, and for a fault the cause and the fix."""

    step: str
    passed: bool
    detail: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """Which patients have something new since a moment, per kind. Kinds not in `by_kind` must be asked per patient."""

    by_kind: Mapping[str, frozenset[str]]
    as_of: str = ""

"""The rows that projections make: frozen, and column for column what the tables of `models` hold."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.records.projection.dates import NEVER

Fact = dict[str, Any]
"""One more thing that the source says: a "label" with "text", or "date" and "precision", or "value" and "unit"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every projected row has. `source_id` is the mirror's row."""

    id: UUID
    source_id: UUID
    source_type: str
    fhir_id: str
    title: str
    status: str = ""
    date_text: str = ""
    date_precision: str = ""
    end_text: str = ""
    end_precision: str = ""
    sort_at: datetime | None = None
    sort_day: date = NEVER
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow(Row):
    """An Observation, or one component of it."""

    part: str = ""
    parent_id: UUID | None = None
    parent_title: str = ""
    panel_id: UUID | None = None
    visit_id: UUID | None = None
    order_id: UUID | None = None
    group_id: UUID
    shelf: str = "other"
    loinc: str = ""
    code: str = ""
    code_system: str = ""
    value_kind: str = "none"
    value_text: str = ""
    value_number: Decimal | None = None
    comparator: str = ""
    unit: str = ""
    unit_code: str = ""
    low_text: str = ""
    high_text: str = ""
    verdict: str = ""
    interpretation: str = ""
    issued_text: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRow(Row):
    """A DiagnosticReport, an ImagingStudy, or an Observation that only gathers others."""

    visit_id: UUID | None = None
    order_id: UUID | None = None
    group_id: UUID
    shelf: str = "other"
    loinc: str = ""
    result_ids: list[UUID] = field(default_factory=list)
    listed: bool = True
    pending: bool = False
    issued_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow(Row):
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationRow(Row):
    active: bool = True
    dosage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllergyRow(Row):
    active: bool = True
    serious: bool = False
    reaction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmunizationRow(Row):
    given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow(Row):
    """An Encounter or an Appointment. `planned` says that its status lets it still happen."""

    planned: bool = False
    booking_id: UUID | None = None
    place: str = ""
    with_whom: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow(Row):
    author: str = ""
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow(Row):
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTeamMemberRow(Row):
    role: str = ""
    team: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherItemRow(Row):
    """Whatever else lies in the patient's compartment, by its kind."""

    kind: str

"""The rest of the chart, one kind a list, and the counts of them all."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.records.queries.reading import opened_by, select, with_json
from portal.records.queries.visits import STILL_AHEAD

PAGE, VITALS_PAGE = 100, 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the chart: what every kind has, and in `extra` what only its kind has, by column."""

    id: UUID
    title: str
    status: str
    date_text: str
    end_text: str
    day: date
    detail: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


def _list(
    viewer: Viewer,
    what: str,
    table: str,
    columns: tuple[str, ...],
    order: str,
    page: int | None,
    where: str = "true",
    **more: Any,
) -> tuple[Entry, ...]:
    """A list of one kind: all of it, or a page and one more, which says that there is another page.

    Table, columns and order are this module's own words, never a request's.
    """
    patient = opened_by(viewer, "record.read", ("record", what))
    statement = (
        f"SELECT id, title, status, date_text, end_text, sort_day, detail::text{''.join(f', {c}' for c in columns)} "  # noqa: S608  (names of ours, values as parameters)
        f"FROM {table} WHERE patient_id = %(patient)s AND {where} "
        f"ORDER BY {order}, id LIMIT %(limit)s OFFSET %(offset)s"
    )
    return tuple(
        select(
            lambda *row: Entry(*[*with_json(row, 6)[:7], dict(zip(columns, row[7:], strict=True))]),
            statement,
            {"patient": patient.id, "limit": None if page is None else PAGE + 1, "offset": (page or 0) * PAGE, **more},
        )
    )


def conditions_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    return _list(viewer, "conditions", "records_condition", ("active",), "active DESC, sort_day DESC", page)


def medications_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    return _list(viewer, "medications", "records_medication", ("active", "dosage"), "active DESC, sort_day DESC", page)


def allergies_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    columns = ("active", "serious", "reaction")
    return _list(viewer, "allergies", "records_allergy", columns, "active DESC, serious DESC, sort_day DESC", page)


def immunizations_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    return _list(viewer, "immunizations", "records_immunization", ("given",), "sort_day DESC", page)


def procedures_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    return _list(viewer, "procedures", "records_procedure", (), "sort_day DESC", page)


def documents_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    return _list(viewer, "documents", "records_document", ("author",), "sort_day DESC", page)


def care_team_for(viewer: Viewer, page: int | None = None) -> tuple[Entry, ...]:
    columns = ("role", "team", "active")
    return _list(viewer, "care team", "records_careteammember", columns, "active DESC, team, title", page)


def other_items_for(viewer: Viewer, kind: str, page: int | None = None) -> tuple[Entry, ...]:
    """All items of one FHIR type that has no page of its own. Raises NotFound where there are none."""
    found = _list(viewer, "other", "records_otheritem", ("kind",), "sort_day DESC", page, "kind = %(kind)s", kind=kind)
    if not found:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Measurement:
    """One vital sign. Those of one Observation share `parent_id`."""

    id: UUID
    title: str
    loinc: str
    code: str
    status: str
    date_text: str
    sort_at: datetime | None
    value_kind: str
    value_text: str
    comparator: str
    unit: str
    low_text: str
    high_text: str
    verdict: str
    parent_id: UUID | None
    parent_title: str
    has_number: bool


VITALS = """
    SELECT id, title, loinc, code, status, date_text, sort_at, value_kind, value_text, comparator, unit, low_text,
           high_text, verdict, parent_id, parent_title, value_number IS NOT NULL
      FROM records_result WHERE patient_id = %(patient)s AND shelf = 'vital'
     ORDER BY sort_at DESC NULLS LAST, title, id LIMIT %(limit)s OFFSET %(offset)s
"""


def vitals_for(viewer: Viewer, page: int = 0) -> tuple[Measurement, ...]:
    """A page of vital signs, newest first, and one more where there is another page."""
    patient = opened_by(viewer, "record.read", ("record", "vitals"))
    parameters = {"patient": patient.id, "limit": VITALS_PAGE + 1, "offset": page * VITALS_PAGE}
    return tuple(select(Measurement, VITALS, parameters))


@dataclass(frozen=True, slots=True)
class Overview:
    """How many there are of each kind. `other` maps a FHIR type to its count."""

    results: int
    vitals: int
    conditions: int
    medications: int
    allergies: int
    immunizations: int
    procedures: int
    documents: int
    care_team: int
    visits: int
    coming: int
    other: dict[str, int]

    @property
    def empty(self) -> bool:
        mine = (self.results, self.vitals, self.conditions, self.medications, self.allergies, self.immunizations)
        return not (any(mine) or any((self.procedures, self.documents, self.care_team, self.visits, self.other)))


def _count(table: str, where: str = "true") -> str:
    return f"(SELECT count(*) FROM {table} WHERE patient_id = %(patient)s AND {where})"  # noqa: S608  (names of ours, values as parameters)


COUNTED = (
    _count("records_result", "shelf <> 'vital'") + " + " + _count("records_panel", "listed AND shelf <> 'vital'"),
    _count("records_result", "shelf = 'vital'"),
    _count("records_condition", "active"),
    _count("records_medication", "active"),
    _count("records_allergy", "active"),
    _count("records_immunization"),
    _count("records_procedure"),
    _count("records_document"),
    _count("records_careteammember", "active"),
    _count("records_visit"),
    _count("records_visit", "planned AND sort_at >= %(from)s"),
    "(SELECT coalesce(json_object_agg(kind, n ORDER BY kind), '{}')::text FROM (SELECT kind, count(*) AS n "
    "FROM records_otheritem WHERE patient_id = %(patient)s GROUP BY kind) AS kinds)",
)
COUNTS = f"SELECT {', '.join(COUNTED)}"


def overview_for(viewer: Viewer) -> Overview:
    """The counts of everything, in one statement."""
    patient = opened_by(viewer, "record.read", ("record", "overview"))
    parameters = {"patient": patient.id, "from": now() - STILL_AHEAD}
    return select(lambda *row: Overview(*with_json(row, 11)), COUNTS, parameters)[0]


def all_other_items_for(viewer: Viewer) -> tuple[Entry, ...]:
    """Every item that has no page of its own kind."""
    return _list(viewer, "other", "records_otheritem", ("kind",), "kind, sort_day DESC", None)

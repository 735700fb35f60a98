"""Visits: the next one, those ahead, those that were."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.access.queries import patient_for
from portal.records.queries.reading import opened_by, select, with_json

PAGE = 50
STILL_AHEAD = timedelta(hours=1)
"""A visit that has just begun is still the next one: somebody may be looking for the room."""


@dataclass(frozen=True, slots=True)
class VisitItem:
    id: UUID
    source_type: str
    title: str
    status: str
    date_text: str
    date_precision: str
    end_text: str
    sort_at: datetime | None
    planned: bool
    place: str
    with_whom: str
    reason: str
    detail: dict[str, Any]

    @property
    def ahead(self) -> bool:
        return self.planned and self.sort_at is not None and self.sort_at >= now() - STILL_AHEAD


COLUMNS = (
    "id, source_type, title, status, date_text, date_precision, end_text, sort_at, planned, place, with_whom, reason, "
    "detail::text"
)
# An appointment that became an encounter is that encounter.
BECAME = (
    "EXISTS (SELECT 1 FROM records_visit AS later "
    "WHERE later.patient_id = visit.patient_id AND later.booking_id = visit.id)"
)
AHEAD = f"patient_id = %(patient)s AND planned AND sort_at >= %(from)s AND NOT {BECAME}"
NEXT = f"SELECT {COLUMNS} FROM records_visit AS visit WHERE {AHEAD} ORDER BY sort_at LIMIT 1"  # noqa: S608  (names of ours, values as parameters)
COMING = f"""
    SELECT {COLUMNS} FROM records_visit AS visit
     WHERE patient_id = %(patient)s AND sort_at >= %(from)s AND NOT {BECAME} ORDER BY sort_at, id LIMIT 200
"""  # noqa: S608  (names of ours, values as parameters)
PAST = f"""
    SELECT {COLUMNS} FROM records_visit AS visit
     WHERE patient_id = %(patient)s AND coalesce(sort_at < %(from)s, true) AND NOT {BECAME}
     ORDER BY sort_at DESC NULLS LAST, id DESC LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608  (names of ours, values as parameters)
ONE = f"SELECT {COLUMNS} FROM records_visit AS visit WHERE patient_id = %(patient)s AND id = %(id)s"  # noqa: S608  (names of ours, values as parameters)


def visit_of(*row: Any) -> VisitItem:
    return VisitItem(*with_json(row, 12))


def next_visit(viewer: Viewer) -> VisitItem | None:
    """The visit that comes next, for a page that has noted its own read."""
    patient = patient_for(viewer)
    found = select(visit_of, NEXT, {"patient": patient.id, "from": now() - STILL_AHEAD})
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class VisitPage:
    coming: tuple[VisitItem, ...]
    past: tuple[VisitItem, ...]
    older: int


def visits_for(viewer: Viewer, *, page: int = 0) -> VisitPage:
    """Those ahead, soonest first, cancelled ones too; and a page of those that were, newest first."""
    patient = opened_by(viewer, "record.read", ("record", "visits"))
    parameters = {"patient": patient.id, "from": now() - STILL_AHEAD, "limit": PAGE + 1, "offset": page * PAGE}
    coming = select(visit_of, COMING, parameters) if page == 0 else []
    past = select(visit_of, PAST, parameters)
    return VisitPage(tuple(coming), tuple(past[:PAGE]), page + 1 if len(past) > PAGE else 0)


def visit_for(viewer: Viewer, visit_id: UUID) -> VisitItem:
    """The gate to one visit. Raises NotFound."""
    patient = opened_by(viewer, "visit.read", ("visit", str(visit_id)))
    found = select(visit_of, ONE, {"patient": patient.id, "id": visit_id})
    if not found:
        raise NotFound
    return found[0]


AT_VISIT = """
    SELECT what, id, title, loinc, date_text FROM (
        SELECT 'report' AS what, id, title, loinc, date_text, sort_day FROM records_panel
         WHERE patient_id = %(patient)s AND visit_id = %(id)s
        UNION ALL SELECT 'result', id, title, loinc, date_text, sort_day FROM records_result
         WHERE patient_id = %(patient)s AND visit_id = %(id)s AND panel_id IS NULL AND shelf <> 'vital'
        UNION ALL SELECT 'document', id, title, '', date_text, sort_day FROM records_document
         WHERE patient_id = %(patient)s AND visit_id = %(id)s
        UNION ALL SELECT 'procedure', id, title, '', date_text, sort_day FROM records_procedure
         WHERE patient_id = %(patient)s AND visit_id = %(id)s) AS found
     ORDER BY what DESC, title LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class PartOfVisit:
    what: str
    id: UUID
    title: str
    loinc: str
    date_text: str


def parts_of_visit(viewer: Viewer, visit: VisitItem) -> list[PartOfVisit]:
    """Reports, single results, papers and procedures of a visit that has passed the gate."""
    return select(PartOfVisit, AT_VISIT, {"patient": patient_for(viewer).id, "id": visit.id})


EVERY = (
    f"SELECT {COLUMNS} FROM records_visit AS visit WHERE patient_id = %(patient)s ORDER BY sort_at DESC NULLS LAST, id"  # noqa: S608  (names of ours, values as parameters)
)


def all_visits_for(viewer: Viewer) -> list[VisitItem]:
    """Every visit, newest first."""
    patient = opened_by(viewer, "record.read", ("record", "visits"))
    return select(visit_of, EVERY, {"patient": patient.id})

"""Reports: what a laboratory or a reader of scans wrote, with the results that belong to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.records.queries.openings import new_since
from portal.records.queries.reading import opened_by, select, with_json
from portal.records.queries.results import ResultItem


@dataclass(frozen=True, slots=True)
class ReportView:
    id: UUID
    source_id: UUID
    source_type: str
    fhir_id: str
    title: str
    loinc: str
    status: str
    shelf: str
    date_text: str
    end_text: str
    issued_text: str
    pending: bool
    detail: dict[str, Any]
    visit_id: UUID | None
    visit_title: str
    opened_at: datetime | None
    results: tuple[ResultItem, ...] = ()


ONE = """
    SELECT panel.id, panel.source_id, panel.source_type, panel.fhir_id, panel.title, panel.loinc, panel.status,
           panel.shelf, panel.date_text, panel.end_text, panel.issued_text, panel.pending, panel.detail::text,
           visit.id, coalesce(visit.title, ''),
           (SELECT opened_at FROM records_opening WHERE user_id = %(user)s AND item_id = panel.id)
      FROM records_panel AS panel
      LEFT JOIN records_visit AS visit ON visit.id = panel.visit_id AND visit.patient_id = panel.patient_id
     WHERE panel.patient_id = %(patient)s AND panel.id = %(id)s
"""
MEMBERS = """
    SELECT 'result', result.id, result.sort_day, result.group_id, result.title, result.loinc, result.status,
           result.date_text, value_kind, value_text, comparator, unit, low_text, high_text, verdict, result.pending,
           parent_title, part, parent_id, result.panel_id, panel.title, panel.loinc,
           array_position(panel.result_ids, coalesce(result.parent_id, result.id)), result.visit_id, '', '',
           CASE WHEN value_kind IN ('range', 'ratio') THEN (result.detail->'parts')::text ELSE '' END,
           result.sort_day >= %(since)s AND NOT result.pending AND NOT EXISTS (
               SELECT 1 FROM records_opening WHERE user_id = %(user)s AND item_id IN (result.id, panel.id))
      FROM records_panel AS panel
      JOIN records_result AS result
        ON result.patient_id = panel.patient_id AND coalesce(result.parent_id, result.id) = ANY(panel.result_ids)
     WHERE panel.patient_id = %(patient)s AND panel.id = %(id)s
     ORDER BY array_position(panel.result_ids, coalesce(result.parent_id, result.id)), length(part), part
"""


def report_for(viewer: Viewer, report_id: UUID) -> ReportView:
    """The gate to one report. Raises NotFound."""
    patient = opened_by(viewer, "report.read", ("report", str(report_id)))
    parameters = {"patient": patient.id, "user": viewer.user_id, "id": report_id, "since": new_since()}
    members = tuple(select(ResultItem, MEMBERS, parameters))
    found = select(lambda *row: ReportView(*[*with_json(row, 12), members]), ONE, parameters)
    if not found:
        raise NotFound
    return found[0]


ALL = """
    SELECT id, source_id, source_type, fhir_id, title, loinc, status, shelf, date_text, end_text, issued_text, pending,
           detail::text, NULL, '', NULL
      FROM records_panel WHERE patient_id = %(patient)s ORDER BY sort_day DESC, title, id
"""


def all_reports_for(viewer: Viewer) -> list[ReportView]:
    """Every report, newest first, without its results."""
    patient = opened_by(viewer, "record.read", ("record", "reports"))
    return select(lambda *row: ReportView(*with_json(row, 12)), ALL, {"patient": patient.id})

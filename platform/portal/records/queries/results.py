"""Results: the list, one result with its course, and what it said before it was corrected."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.records.queries.openings import new_since
from portal.records.queries.reading import opened_by, select, with_json

PAGE = 40
TABS: dict[str, tuple[str, ...]] = {
    "all": ("blood", "scan", "other"),
    "blood": ("blood",),
    "scans": ("scan",),
    "other": ("other",),
}


@dataclass(frozen=True, slots=True)
class ResultItem:
    """A line of the list: a result, or a report that is to be read by itself."""

    what: str
    id: UUID
    day: date
    group_id: UUID
    title: str
    loinc: str
    status: str
    date_text: str
    value_kind: str
    value_text: str
    comparator: str
    unit: str
    low_text: str
    high_text: str
    verdict: str
    pending: bool
    parent_title: str
    part: str
    parent_id: UUID | None
    panel_id: UUID | None
    panel_title: str
    panel_loinc: str
    place_in_panel: int
    visit_id: UUID | None
    visit_title: str
    visit_with: str
    parts: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class ResultPage:
    items: tuple[ResultItem, ...]
    older: str


_RESULT = """
    SELECT 'result' AS what, id, sort_day, group_id, title, loinc, status, date_text, value_kind, value_text,
           comparator, unit, low_text, high_text, verdict, pending, parent_title, part, parent_id, panel_id, visit_id,
           CASE WHEN value_kind IN ('range', 'ratio') THEN (detail->'parts')::text ELSE '' END AS parts
      FROM records_result
     WHERE patient_id = %(patient)s AND shelf = ANY(%(shelves)s)
       AND (sort_day, group_id, id) < (%(day)s, %(group)s, %(id)s)
     ORDER BY sort_day DESC, group_id DESC, id DESC LIMIT %(limit)s
"""
_REPORT = """
    SELECT 'report', id, sort_day, group_id, title, loinc, status, date_text, '', '', '', '', '', '', '', pending,
           '', '', NULL, NULL, visit_id, ''
      FROM records_panel
     WHERE patient_id = %(patient)s AND shelf = ANY(%(shelves)s) AND listed
       AND (sort_day, group_id, id) < (%(day)s, %(group)s, %(id)s)
     ORDER BY sort_day DESC, group_id DESC, id DESC LIMIT %(limit)s
"""
LIST = f"""
    WITH page AS (({_RESULT}) UNION ALL ({_REPORT}) ORDER BY 3 DESC, 4 DESC, 2 DESC LIMIT %(limit)s)
    SELECT page.what, page.id, page.sort_day, page.group_id, page.title, page.loinc, page.status, page.date_text,
           page.value_kind, page.value_text, page.comparator, page.unit, page.low_text, page.high_text, page.verdict,
           page.pending, page.parent_title, page.part, page.parent_id, page.panel_id,
           coalesce(panel.title, ''), coalesce(panel.loinc, ''),
           coalesce(array_position(panel.result_ids, coalesce(page.parent_id, page.id)), 0),
           page.visit_id, coalesce(visit.title, ''), coalesce(visit.with_whom, ''), page.parts,
           page.sort_day >= %(since)s AND NOT page.pending AND NOT EXISTS (
               SELECT 1 FROM records_opening WHERE user_id = %(user)s AND item_id IN (page.id, page.panel_id))
      FROM page
      LEFT JOIN records_panel AS panel ON panel.id = page.panel_id AND panel.patient_id = %(patient)s
      LEFT JOIN records_visit AS visit ON visit.id = page.visit_id AND visit.patient_id = %(patient)s
     ORDER BY page.sort_day DESC, page.group_id DESC, page.id DESC
"""  # noqa: S608  (names of ours, values as parameters)


def results_for(viewer: Viewer, *, tab: str = "all", before: str = "") -> ResultPage:
    """A page of the list, newest first; `before` is the `older` of the page above. Raises NotFound."""
    if tab not in TABS:
        raise NotFound
    patient = opened_by(viewer, "result.listed", ("results", tab))
    day, group, last = _cursor(before)
    found = select(ResultItem, LIST, {
        "patient": patient.id, "user": viewer.user_id, "shelves": list(TABS[tab]), "since": new_since(),
        "day": day, "group": group, "id": last, "limit": PAGE + 1,
    })  # fmt: skip
    return _page(found)


def _page(found: list[ResultItem]) -> ResultPage:
    """Cuts at the end of a group where that leaves anything, so that a visit's results stay together."""
    if len(found) <= PAGE:
        return ResultPage(tuple(found), "")
    kept = found[:PAGE]
    over = found[PAGE]
    if kept[0].group_id != over.group_id or kept[0].day != over.day:
        kept = [item for item in kept if (item.day, item.group_id) != (over.day, over.group_id)]
    last = kept[-1]
    return ResultPage(tuple(kept), f"{last.day.isoformat()}_{last.group_id}_{last.id}")


def _cursor(text: str) -> tuple[date, UUID, UUID]:
    top = UUID(int=2**128 - 1)
    if not text:
        return date.max, top, top
    try:
        day, group, last = text.split("_")
        return date.fromisoformat(day), UUID(group), UUID(last)
    except ValueError as error:
        raise NotFound from error


@dataclass(frozen=True, slots=True)
class ResultView:
    """One result, with all that its page says."""

    id: UUID
    source_id: UUID
    source_type: str
    fhir_id: str
    part: str
    title: str
    loinc: str
    code: str
    code_system: str
    status: str
    shelf: str
    date_text: str
    end_text: str
    issued_text: str
    sort_at: datetime | None
    value_kind: str
    value_text: str
    comparator: str
    unit: str
    unit_code: str
    low_text: str
    high_text: str
    verdict: str
    interpretation: str
    pending: bool
    parent_id: UUID | None
    parent_title: str
    detail: dict[str, Any]
    panel_id: UUID | None
    panel_title: str
    panel_loinc: str
    visit_id: UUID | None
    visit_title: str
    opened_at: datetime | None


ONE = """
    SELECT result.id, result.source_id, result.source_type, result.fhir_id, result.part, result.title, result.loinc,
           result.code, result.code_system, result.status, result.shelf, result.date_text, result.end_text,
           result.issued_text, result.sort_at, value_kind, value_text, comparator, unit, unit_code, low_text, high_text,
           verdict, interpretation, result.pending, parent_id, parent_title, result.detail::text,
           panel.id, coalesce(panel.title, ''), coalesce(panel.loinc, ''),
           visit.id, coalesce(visit.title, ''),
           (SELECT opened_at FROM records_opening WHERE user_id = %(user)s AND item_id = result.id)
      FROM records_result AS result
      LEFT JOIN records_panel AS panel ON panel.id = result.panel_id AND panel.patient_id = result.patient_id
      LEFT JOIN records_visit AS visit ON visit.id = result.visit_id AND visit.patient_id = result.patient_id
     WHERE result.patient_id = %(patient)s AND result.id = %(id)s
"""


def result_for(viewer: Viewer, result_id: UUID) -> ResultView:
    """The gate to one result. Raises NotFound for absent and for forbidden alike."""
    patient = opened_by(viewer, "result.read", ("result", str(result_id)))
    found = select(_view, ONE, {"patient": patient.id, "user": viewer.user_id, "id": result_id})
    if not found:
        raise NotFound
    return found[0]


def _view(*row: Any) -> ResultView:
    return ResultView(*with_json(row, 27))


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A result for the copy of the whole record."""

    title: str
    loinc: str
    parent_title: str
    part: str
    shelf: str
    status: str
    date_text: str
    value_kind: str
    value_text: str
    comparator: str
    unit: str
    low_text: str
    high_text: str
    verdict: str
    interpretation: str
    detail: dict[str, Any]


ALL = """
    SELECT title, loinc, parent_title, part, shelf, status, date_text, value_kind, value_text, comparator, unit,
           low_text, high_text, verdict, interpretation, detail::text
      FROM records_result WHERE patient_id = %(patient)s AND (shelf = 'vital') = %(vital)s
     ORDER BY sort_day DESC, panel_id, title, id
"""


def all_results_for(viewer: Viewer, *, vital: bool) -> list[ResultLine]:
    """Every result, or every vital sign, newest first."""
    patient = opened_by(viewer, "result.listed", ("results", "vitals" if vital else "all"))
    return select(lambda *row: ResultLine(*with_json(row, 15)), ALL, {"patient": patient.id, "vital": vital})

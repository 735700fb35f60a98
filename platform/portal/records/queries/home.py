"""What the home page shows of the record, in one statement that builds JSON in PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.clock import now
from foundation.permissions import Viewer
from portal.ehr.queries import FRESHNESS, Freshness, freshness_of
from portal.records.queries.openings import new_since
from portal.records.queries.reading import decoded, opened_by, select
from portal.records.queries.visits import BECAME, STILL_AHEAD, VisitItem

SHOWN = 3
HOME = f"""
    SELECT json_build_object(
        'visit', (SELECT row_to_json(found) FROM (
            SELECT id, source_type, title, status, date_text, date_precision, end_text, sort_at, planned, place,
                   with_whom, reason, detail
              FROM records_visit AS visit
             WHERE patient_id = %(patient)s AND planned AND sort_at >= %(from)s AND NOT {BECAME}
             ORDER BY sort_at LIMIT 1) AS found),
        'new', (SELECT json_agg(row_to_json(found)) FROM (
            SELECT *, count(*) OVER () AS of FROM (
                SELECT 'result' AS what, id, title, loinc, date_text, value_kind, value_text, comparator, unit,
                       low_text, high_text, verdict, sort_day,
                       verdict NOT IN ('', 'usual', 'flagged_usual', 'negative') AS told
                  FROM records_result AS result
                 WHERE patient_id = %(patient)s AND sort_day >= %(since)s AND shelf <> 'vital' AND NOT pending
                   AND NOT EXISTS (SELECT 1 FROM records_opening
                                    WHERE user_id = %(user)s AND item_id IN (result.id, result.panel_id))
                UNION ALL
                SELECT 'report', id, title, loinc, date_text, '', '', '', '', '', '', '', sort_day, false
                  FROM records_panel AS panel
                 WHERE patient_id = %(patient)s AND sort_day >= %(since)s AND listed AND NOT pending
                   AND shelf <> 'vital'
                   AND NOT EXISTS (SELECT 1 FROM records_opening WHERE user_id = %(user)s AND item_id = panel.id)
            ) AS unread ORDER BY sort_day DESC, told DESC, title LIMIT {SHOWN}) AS found),
        'any', EXISTS (SELECT 1 FROM records_result WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_visit WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_condition WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_medication WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_allergy WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_immunization WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_panel WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_document WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_procedure WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_careteammember WHERE patient_id = %(patient)s)
            OR EXISTS (SELECT 1 FROM records_otheritem WHERE patient_id = %(patient)s),
        'freshness', (SELECT json_build_array(last_success_at, status, synced_at, missing) FROM ({FRESHNESS}) AS state)
    )::text
"""  # noqa: S608  (names of ours, values as parameters)


@dataclass(frozen=True, slots=True)
class NewItem:
    """A result or report that has not been opened."""

    what: str
    id: UUID
    title: str
    loinc: str
    date_text: str
    value_kind: str
    value_text: str
    comparator: str
    unit: str
    low_text: str
    high_text: str
    verdict: str


@dataclass(frozen=True, slots=True)
class HomeView:
    visit: VisitItem | None
    new: tuple[NewItem, ...]
    new_count: int
    has_record: bool
    freshness: Freshness


def home_for(viewer: Viewer) -> HomeView:
    """The next visit, what is new, whether there is a record at all, and how new it is. Raises NotFound."""
    patient = opened_by(viewer, "home.read", ("record", "home"))
    parameters = {"patient": patient.id, "user": viewer.user_id, "since": new_since(), "from": now() - STILL_AHEAD}
    found = decoded(select(str, HOME, parameters)[0])
    visit, new = found["visit"], found["new"] or []
    return HomeView(
        VisitItem(**{**visit, "id": UUID(visit["id"]), "sort_at": datetime.fromisoformat(visit["sort_at"])})
        if visit
        else None,
        tuple(NewItem(**{key: entry[key] for key in NewItem.__slots__}) for entry in new),
        new[0]["of"] if new else 0,
        found["any"],
        _freshness(found["freshness"], patient.id),
    )


def _freshness(row: list[Any] | None, patient_id: UUID) -> Freshness:
    if row is None:
        return freshness_of(None, patient_id)
    success, status, synced, missing = row
    success, synced = (datetime.fromisoformat(text) if text else None for text in (success, synced))
    return freshness_of((success, status, synced, missing), patient_id)

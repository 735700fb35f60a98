"""The course of a result: the same test at other times, and what the source said of this one before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.permissions import Viewer
from portal.ehr.queries import earlier_bodies
from portal.records.projection.values import Value, read_value
from portal.records.queries.reading import select
from portal.records.queries.results import ResultView


@dataclass(frozen=True, slots=True)
class TrendPoint:
    id: UUID
    date_text: str
    sort_at: datetime
    value_text: str
    comparator: str
    unit: str
    low_text: str
    high_text: str
    verdict: str


COURSE = """
    SELECT id, date_text, sort_at, value_text, comparator, unit, low_text, high_text, verdict FROM (
        SELECT * FROM records_result
         WHERE patient_id = %(patient)s AND loinc = %(loinc)s AND code = %(code)s AND value_number IS NOT NULL
           AND sort_at IS NOT NULL AND (%(loinc)s <> '' OR title = %(title)s)
         ORDER BY sort_at DESC LIMIT 60) AS latest
     ORDER BY sort_at, id
"""


def trend_for(viewer: Viewer, result: ResultView) -> list[TrendPoint]:
    """The same test over time, oldest first: the latest 60, all units."""
    patient = viewer.patient
    if patient is None or result.value_kind not in ("quantity", "integer"):
        return []
    parameters = {"patient": patient.id, "loinc": result.loinc, "code": result.code, "title": result.title}
    return select(TrendPoint, COURSE, parameters)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a result said before."""

    value: Value
    status: str
    replaced_at: datetime


def earlier_for(viewer: Viewer, result: ResultView) -> list[Earlier]:
    """Earlier values of a result that its source changed, newest first, without repeating one."""
    patient = viewer.patient
    if patient is None:
        return []
    found: list[Earlier] = []
    seen = (result.comparator, result.value_text, result.unit)
    for body, replaced_at in earlier_bodies(result.source_id, patient.id):
        value = read_value(_holder(body, result.part))
        said = (value.comparator, value.text, value.unit)
        if value.kind != "none" and said != seen:
            found.append(Earlier(value, str(body.get("status") or ""), replaced_at))
            seen = said
    return found


def _holder(body: dict[str, Any], part: str) -> dict[str, Any]:
    components = body.get("component")
    if not part:
        return body
    if isinstance(components, list) and part.isdigit() and int(part) < len(components):
        component = components[int(part)]
        return component if isinstance(component, dict) else {}
    return {}

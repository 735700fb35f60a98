"""Observation: one row for its own value, one for each component; one that only gathers others is a panel."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.records.projection.dates import NEVER, When, choice, read
from portal.records.projection.frame import Frame, Resource, header, linked, name_of, names_of, notes, said
from portal.records.projection.ranges import choose, read_ranges
from portal.records.projection.reading import (
    Json,
    all_codes,
    code_in,
    codings,
    concept_text,
    concept_texts,
    key_of,
    named,
    node,
    nodes,
)
from portal.records.projection.rows import Fact, PanelRow, ResultRow, Row
from portal.records.projection.values import Value, read_value
from portal.records.projection.verdict import Verdict, flag_of, verdict_of

LOINC = "http://loinc.org"
VITAL_LOINC = named(
    "8310-5 8331-1 8867-4 9279-1 8480-6 8462-4 85354-9 55284-4 8302-2 29463-7 39156-5 59408-5 2708-6 8287-5 9843-4 "
    "72514-3 3141-9 8478-0 8328-7 8289-1 59576-9 77606-2 59575-1"
)
NOT_BLOOD = ("urine", "stool", "saliva", "semen", "sputum", "cerebral spinal", "swab", "throat", "nasopharynx")
NOT_YET = frozenset({"registered", "preliminary"})


@dataclass(frozen=True, slots=True)
class _Common:
    """What a resource's own row and its components' rows share."""

    columns: dict[str, Any]
    when: When
    shelf: str
    facts: list[Fact]


def project_observation(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    common = _common(resource, frame)
    value = read_value(body)
    components = nodes(body, "component")
    members = [found for entry in nodes(body, "hasMember") if (found := linked(entry, "Observation", frame))]
    rows: list[Row] = []
    problems = [value.problem] if value.problem else []
    if members and value.kind == "none" and not components:
        return [_gathering(common, members)], problems
    if value.kind != "none" or not components:
        rows.append(_row(body, value, common, frame))
    for place, component in enumerate(components):
        part = read_value(component)
        problems += [part.problem] if part.problem else []
        rows.append(_component(resource, component, part, str(place), common, frame))
    return rows, problems


def _common(resource: Resource, frame: Frame) -> _Common:
    body = resource.body
    start, end, words = choice(body, "effective", frame.zone)
    issued = read(body.get("issued"), frame.zone)
    when = start if start.text else issued
    columns = header(resource, frame, title=concept_text(node(body, "code")), when=when, end=end)
    visit, order = linked(node(body, "encounter"), "Encounter", frame), _order(body, frame)
    columns |= {
        "visit_id": visit,
        "order_id": order,
        "group_id": visit or order or key_of(frame.source, "Day", when.day.isoformat() if when.day != NEVER else ""),
        "issued_text": issued.text,
    }
    facts = [
        *said("taken", words),
        *said("performer", *names_of(body, "performer", frame)),
        *said("specimen", specimen_of(body, frame)),
        *said("method", concept_text(node(body, "method"))),
        *said("body_site", concept_text(node(body, "bodySite"))),
        *said("device", name_of(body, node(body, "device"), frame)),
        *said("order", *names_of(body, "basedOn", frame)),
        *notes(body),
    ]
    return _Common(columns, when, shelf_of(body, frame), facts)


def _order(body: Json, frame: Frame) -> UUID | None:
    return next((found for entry in nodes(body, "basedOn") if (found := linked(entry, "ServiceRequest", frame))), None)


def specimen_of(body: Json, frame: Frame) -> str:
    return ", ".join(names_of(body, "specimen", frame))


def shelf_of(body: Json, frame: Frame) -> str:
    """Where patients look for it: vital, blood, scan or other."""
    kinds = {code.casefold() for code in all_codes(body, "category")}
    loinc = code_in(node(body, "code"), LOINC)
    if "vital-signs" in kinds or "vital-sign" in kinds or (not kinds and loinc in VITAL_LOINC):
        return "vital"
    if "imaging" in kinds:
        return "scan"
    if "laboratory" in kinds or "lab" in kinds or (not kinds and (body.get("specimen") or body.get("referenceRange"))):
        source = f"{concept_text(node(body, 'code'))} {specimen_of(body, frame)}".casefold()
        return "other" if any(name in source for name in NOT_BLOOD) else "blood"
    return "other"


def _gathering(common: _Common, members: list[UUID]) -> PanelRow:
    pending = common.columns["status"] in NOT_YET
    detail = {"facts": common.facts, "listed": False}
    return PanelRow(
        **common.columns, shelf=common.shelf, result_ids=members, listed=False, pending=pending, detail=detail
    )


def _component(
    resource: Resource, component: Json, value: Value, part: str, common: _Common, frame: Frame
) -> ResultRow:
    own = {
        **common.columns,
        "id": key_of(frame.source, resource.type, resource.fhir_id, part),
        "title": concept_text(node(component, "code")) or common.columns["title"],
        "part": part,
        "parent_id": common.columns["id"],
        "parent_title": common.columns["title"],
    }
    return _row(component, value, _Common(own, common.when, common.shelf, common.facts), frame)


def _row(holder: Json, value: Value, common: _Common, frame: Frame) -> ResultRow:
    concept = node(holder, "code")
    system, code, _display = next(codings(concept), ("", "", ""))
    ranges = read_ranges(holder)
    chosen = choose(ranges, frame, common.when.day, value.unit, value.unit_code) or {}
    low, high = chosen.get("low", ""), chosen.get("high", "")
    flags = all_codes(holder, "interpretation")
    pending = common.columns["status"] in NOT_YET and value.kind == "none"
    verdict = verdict_of(value.number, value.comparator, low, high, flag_of(flags)) if not pending else Verdict.NONE
    absent = concept_text(node(holder, "dataAbsentReason"))
    detail: dict[str, Any] = {"facts": [*common.facts, *said("absent", absent)]}
    detail |= {"ranges": ranges} if ranges else {}
    detail |= {"parts": list(value.parts)} if value.parts else {}
    detail |= {"more": value.more} if value.more else {}
    return ResultRow(
        **common.columns,
        shelf=common.shelf,
        loinc=code_in(concept, LOINC)[:20],
        code=code[:100],
        code_system=system[:200],
        value_kind=value.kind,
        value_text=value.text,
        value_number=value.number if value.number is not None and abs(value.number.adjusted()) < 50 else None,
        comparator=value.comparator,
        unit=value.unit,
        unit_code=value.unit_code,
        low_text=low,
        high_text=high,
        verdict=verdict.value,
        interpretation=", ".join(concept_texts(holder, "interpretation")),
        pending=pending,
        detail=detail,
    )

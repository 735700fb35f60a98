"""The projector: takes a patient's changed and removed mirror rows and replaces the rows made of them, in bulk.

Runs inside the synchronisation's transaction. What it leaves depends on the mirror alone, so that it may run again,
or over everything, at any time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

from foundation.registry import Kept, MirrorRow
from foundation.tenancy import hospital_zone
from portal.access.queries import person_facts
from portal.ehr.queries import names_by_reference
from portal.records import models as tables
from portal.records.projection import Frame, Resource, project
from portal.records.projection import rows as made
from portal.records.projection.rows import Row

TABLES: dict[type[Row], type[models.Model]] = {
    made.ResultRow: tables.Result,
    made.PanelRow: tables.Panel,
    made.ConditionRow: tables.Condition,
    made.MedicationRow: tables.Medication,
    made.AllergyRow: tables.Allergy,
    made.ImmunizationRow: tables.Immunization,
    made.VisitRow: tables.Visit,
    made.DocumentRow: tables.Document,
    made.ProcedureRow: tables.Procedure,
    made.CareTeamMemberRow: tables.CareTeamMember,
    made.OtherItemRow: tables.OtherItem,
}


def project_record(patient_id: UUID, changed: list[MirrorRow], removed: list[MirrorRow]) -> list[Kept]:
    """Replaces what was made of these mirror rows. Returns what could not be read, with the reason."""
    sex, birth_date = person_facts(patient_id)
    names = names_by_reference(references(row.body for row in changed))
    zone = hospital_zone()
    found: dict[type[Row], dict[UUID, Row]] = {kind: {} for kind in TABLES}
    kept: list[Kept] = []
    for mirror in changed:
        frame = Frame(mirror.source, zone, sex, birth_date, names)
        projected = project(Resource(mirror.id, mirror.type, mirror.fhir_id, mirror.body), frame)
        kept += [Kept(mirror.id, problem) for problem in projected.problems]
        for row in projected.rows:
            found[type(row)][row.id] = row
    _replace(patient_id, [row.id for row in (*changed, *removed)], found)
    return kept


def _replace(patient_id: UUID, sources: list[UUID], found: Mapping[type[Row], Mapping[UUID, Row]]) -> None:
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            own = list(found[kind])
            cursor.execute(
                f"DELETE FROM {table._meta.db_table} WHERE (patient_id = %s AND source_id = ANY(%s)) OR id = ANY(%s)",  # noqa: S608  (names of ours, values as parameters)
                [patient_id, sources, own],
            )
            if own:
                _copy(cursor, table._meta.db_table, kind, patient_id, found[kind].values())
        cursor.execute(GATHER, [patient_id, patient_id])
        cursor.execute(LIST, [patient_id])


GATHER = """
    UPDATE records_result AS result SET panel_id = wanted.panel_id
      FROM (SELECT own.id, min(panel.id::text)::uuid AS panel_id
              FROM records_result AS own
              LEFT JOIN (SELECT id, unnest(result_ids) AS member FROM records_panel WHERE patient_id = %s) AS panel
                ON panel.member = coalesce(own.parent_id, own.id)
             WHERE own.patient_id = %s GROUP BY own.id) AS wanted
     WHERE result.id = wanted.id AND result.panel_id IS DISTINCT FROM wanted.panel_id
"""
"""Which report each result belongs to: known once all of a patient's rows are there."""

LIST = """
    UPDATE records_panel AS panel SET listed = wanted.listed
      FROM (SELECT own.id, (own.detail->>'listed')::boolean OR NOT EXISTS (
                       SELECT 1 FROM records_result WHERE patient_id = own.patient_id AND panel_id = own.id) AS listed
              FROM records_panel AS own WHERE own.patient_id = %s) AS wanted
     WHERE panel.id = wanted.id AND panel.listed <> wanted.listed
"""
"""A report whose results the source does not give away stands in the list by itself."""


def _copy(cursor: Any, table: str, kind: type[Row], patient_id: UUID, rows: Iterable[Row]) -> None:
    columns = [column.name for column in fields(kind)]
    detail = columns.index("detail")
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, ["patient_id", *columns]))
    )
    with cursor.copy(command) as copy:
        for row in rows:
            values = [getattr(row, column) for column in columns]
            values[detail] = Jsonb(values[detail])
            copy.write_row([patient_id, *values])


def references(bodies: Iterable[Any]) -> set[str]:
    """Every reference in these resources that says no name beside it."""
    return {found for body in bodies for found in _references(body)}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("reference")
        if isinstance(target, str) and not value.get("display") and not target.startswith("#"):
            yield target
        for part in value.values():
            if isinstance(part, dict | list):
                yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)

"""Writing the mirror: many resources at once, history kept, and nothing written that has not changed.

Whoever writes holds the hospital's synchronisation lock, so that nobody else writes between look-up and COPY.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DataError, connection, transaction

from foundation.clock import now, uuid7
from foundation.registry import MirrorRow
from portal.ehr.models import Unprojected
from portal.ehr.payload import decode, encode
from portal.ehr.values import Received

type Key = tuple[str, str]
COPY = (
    "COPY ehr_resource (id, connection_id, type, fhir_id, patient_id, version_id, last_updated, body, content_hash, "
    "received_at) FROM STDIN"
)
KEEP = """
    INSERT INTO ehr_resourcehistory (id, resource_id, patient_id, version_id, last_updated, body, content_hash,
                                     received_at, replaced_at)
    SELECT gen_random_uuid(), id, patient_id, version_id, last_updated, body, content_hash, received_at, %s
      FROM ehr_resource WHERE id = ANY(%s)
"""
REPLACE = """
    UPDATE ehr_resource AS r
       SET patient_id = %s, version_id = n.version_id, last_updated = n.last_updated, body = n.body::jsonb,
           content_hash = n.content_hash, received_at = %s, gone_at = NULL
      FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bytea[])
           AS n (id, version_id, last_updated, body, content_hash)
     WHERE r.id = n.id
"""
COLUMNS = "r.id, r.type, r.fhir_id, r.patient_id, r.content_hash, r.version_id, r.last_updated, r.gone_at IS NOT NULL"
OF_PATIENT = f"SELECT {COLUMNS} FROM ehr_resource r WHERE r.connection_id = %s AND r.patient_id = %s"  # noqa: S608  (names of ours, values as parameters)
# LATERAL with OFFSET keeps the planner at one look-up in the index a key, whatever the statistics say.
BY_KEY = f"""
    SELECT found.* FROM unnest(%s::text[], %s::text[]) AS w (type, fhir_id) CROSS JOIN LATERAL (
        SELECT {COLUMNS} FROM ehr_resource r
         WHERE r.connection_id = %s AND r.type = w.type AND r.fhir_id = w.fhir_id OFFSET 0) AS found
"""  # noqa: S608  (names of ours, values as parameters)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the mirror holds under a key, without the body."""

    id: UUID
    key: Key
    patient_id: UUID | None
    content_hash: bytes
    version_id: str
    last_updated: str
    gone: bool


@dataclass(slots=True)
class Written:
    """What a write did. `rows` are the new and the changed ones, for the projectors."""

    rows: list[MirrorRow] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    moved: dict[UUID, list[MirrorRow]] = field(default_factory=dict)
    notes: list[tuple[UUID, str]] = field(default_factory=list)


def find(connection_id: UUID, patient_id: UUID | None, keys: Iterable[Key]) -> dict[Key, Stored]:
    """The patient's rows, and whatever stands under these keys, whoever's it is."""
    found: dict[Key, Stored] = {}
    with connection.cursor() as cursor:
        if patient_id is not None:
            cursor.execute(OF_PATIENT, [connection_id, patient_id])
            found |= _stored(cursor.fetchall())
        wanted = [key for key in dict.fromkeys(keys) if key not in found]
        if wanted:
            cursor.execute(BY_KEY, [[key[0] for key in wanted], [key[1] for key in wanted], connection_id])
            found |= _stored(cursor.fetchall())
    return found


def _stored(rows: Iterable[Any]) -> dict[Key, Stored]:
    return {(r[1], r[2]): Stored(r[0], (r[1], r[2]), r[3], bytes(r[4]), r[5], r[6], r[7]) for r in rows}


def write(
    connection_id: UUID,
    patient_id: UUID | None,
    received: Iterable[Received],
    known: dict[Key, Stored],
    *,
    trust_older: bool,
) -> Written:
    """Stores what is new or changed. An older version than the stored one is passed over, unless trusted."""
    written = Written()
    fresh: list[tuple[UUID, Received]] = []
    replaced: list[tuple[Stored, Received]] = []
    touched: list[tuple[Stored, Received]] = []
    for resource in {r.key: r for r in received}.values():
        stored = known.get(resource.key)
        if stored is None:
            fresh.append((uuid7(), resource))
        elif stored.content_hash == resource.content_hash and stored.patient_id == patient_id and not stored.gone:
            if (stored.version_id, stored.last_updated) != (resource.version_id, resource.last_updated):
                touched.append((stored, resource))
        elif trust_older or stored.gone or not _older(resource, stored):
            replaced.append((stored, resource))
    written.moved = _moved(replaced, patient_id)
    _insert(connection_id, patient_id, fresh)
    _keep([stored.id for stored, _new in replaced])
    _replace(patient_id, [*replaced, *touched])
    pairs = [*fresh, *((stored.id, resource) for stored, resource in replaced)]
    written.rows = [as_row(row_id, connection_id, patient_id, resource) for row_id, resource in pairs]
    written.notes = [(row_id, resource.note) for row_id, resource in pairs if resource.note]
    written.new, written.changed = len(fresh), len(replaced)
    return written


def _older(resource: Received, stored: Stored) -> bool:
    """Instants of one server compare as text where they share a form; otherwise nothing is older."""
    new, old = resource.last_updated, stored.last_updated
    return len(new) == len(old) and new[-1:] == old[-1:] and new < old


def _moved(replaced: list[tuple[Stored, Received]], patient_id: UUID | None) -> dict[UUID, list[MirrorRow]]:
    """Rows that were another patient's until now, by that patient."""
    ids = [s.id for s, _new in replaced if s.patient_id is not None and s.patient_id != patient_id]
    moved: dict[UUID, list[MirrorRow]] = {}
    for row in rows_by_id(ids):
        if row.patient_id is not None:
            moved.setdefault(row.patient_id, []).append(row)
    return moved


def _insert(connection_id: UUID, patient_id: UUID | None, fresh: Sequence[tuple[UUID, Received]]) -> None:
    """COPY; where PostgreSQL refuses a value (a number out of its range), row by row, the refused one as text."""
    if not fresh:
        return
    try:
        with transaction.atomic():
            _copy(connection_id, patient_id, [(row_id, r, r.json.decode()) for row_id, r in fresh])
    except DataError:
        for row_id, resource in fresh:
            try:
                with transaction.atomic():
                    _copy(connection_id, patient_id, [(row_id, resource, resource.json.decode())])
            except DataError:
                _copy(connection_id, patient_id, [(row_id, resource, wrapped(resource))])
                Unprojected.objects.create(resource_id=row_id, source="ehr", reason=Unprojected.Reason.UNREADABLE)


def wrapped(resource: Received) -> str:
    """A body that PostgreSQL can hold around a text that it cannot."""
    body = {"resourceType": resource.type, "id": resource.fhir_id, "unreadable": resource.json.decode()}
    return encode(body).decode()


def _copy(connection_id: UUID, patient_id: UUID | None, rows: Iterable[tuple[UUID, Received, str]]) -> None:
    moment = now()
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row_id, r, text in rows:
            copy.write_row((
                row_id, connection_id, r.type, r.fhir_id, patient_id, r.version_id, r.last_updated, text,
                r.content_hash, moment,
            ))  # fmt: skip


def _keep(ids: list[UUID]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [now(), ids])


def _replace(patient_id: UUID | None, pairs: list[tuple[Stored, Received]], *, plain: bool = True) -> None:
    if not pairs:
        return
    columns = (
        [stored.id for stored, _r in pairs],
        [r.version_id for _s, r in pairs],
        [r.last_updated for _s, r in pairs],
        [r.json.decode() if plain else wrapped(r) for _s, r in pairs],
        [r.content_hash for _s, r in pairs],
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(REPLACE, [patient_id, now(), *columns])
    except DataError:
        if not plain:
            raise
        for pair in pairs:
            _replace(patient_id, [pair], plain=len(pairs) > 1)


def as_row(row_id: UUID, connection_id: UUID, patient_id: UUID | None, r: Received) -> MirrorRow:
    return MirrorRow(row_id, r.type, r.fhir_id, r.body, patient_id, r.version_id, r.last_updated, str(connection_id))


ROWS = """
    SELECT id, type, fhir_id, body::text, patient_id, version_id, last_updated, connection_id FROM ehr_resource
"""


def rows_by_id(ids: list[UUID]) -> list[MirrorRow]:
    return _rows("WHERE id = ANY(%s)", [ids]) if ids else []


def rows_of(patient_id: UUID) -> list[MirrorRow]:
    """All that the source holds of a patient now, for projections to be made anew."""
    return _rows("WHERE patient_id = %s AND gone_at IS NULL", [patient_id])


def _rows(where: str, values: list[Any]) -> list[MirrorRow]:
    with connection.cursor() as cursor:
        cursor.execute(f"{ROWS} {where} ORDER BY id", values)
        found = cursor.fetchall()
    return [MirrorRow(r[0], r[1], r[2], decode(r[3]), r[4], r[5], r[6], str(r[7])) for r in found]


def withdraw(ids: list[UUID]) -> list[MirrorRow]:
    """Marks rows as gone from the source. Their bodies stay; the projectors are told by the caller."""
    if not ids:
        return []
    rows = rows_by_id(ids)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ehr_resource SET gone_at = %s WHERE id = ANY(%s)", [now(), ids])
    return rows

"""Reads of the mirror and of the connection's state, for pages and for projectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection

from foundation.clock import now
from portal.ehr.contents import attachment_content, resource_body
from portal.ehr.models import Connection
from portal.ehr.payload import decode
from portal.ehr.references import resolve

__all__ = [
    "Freshness", "active_connection", "attachment_content", "display_name", "earlier_bodies", "freshness",
    "freshness_of", "human_name", "names_by_reference", "resource_body", "same_address",
]  # fmt: skip
type State = Literal["none", "never", "fresh", "stale", "failing"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far what we show can be trusted to be what the source holds.

    `none`: no connection. `never`: connected, nothing read yet. `stale`: older than the hospital's limit. `failing`:
    the last attempt failed, what is shown is not old yet. `missing`: kinds of this patient that could not be read.
    """

    state: State
    as_of: datetime | None = None
    missing: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return self.as_of is not None


FRESHNESS = """
    SELECT c.last_success_at, c.status, p.synced_at, p.missing::text AS missing
      FROM ehr_connection c
      LEFT JOIN ehr_patientprogress p ON p.connection_id = c.id AND p.patient_id = %(patient)s
     WHERE c.status <> 'retired'
     ORDER BY (p.id IS NOT NULL) DESC, c.created_at DESC LIMIT 1
"""


def freshness(patient_id: UUID | None = None) -> Freshness:
    """The state for a patient's pages, or the hospital's without one. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(FRESHNESS, {"patient": patient_id})
        return freshness_of(cursor.fetchone(), patient_id)


def freshness_of(row: tuple[Any, ...] | None, patient_id: UUID | None) -> Freshness:
    """The state, from what FRESHNESS gave: a page may have asked it within a statement of its own."""
    if row is None:
        return Freshness("none")
    success, status, synced, missing = row
    if patient_id is not None and synced is None:
        return Freshness("never")
    moments = [moment for moment in (success, synced) if moment is not None]
    if not moments:
        return Freshness("never")
    as_of = max(moments)
    old = as_of < now() - timedelta(hours=settings.PORTICO_EHR_STALE_HOURS)
    state: State = "stale" if old else "failing" if status == Connection.Status.FAILING else "fresh"
    return Freshness(state, as_of, tuple(sorted(decode(missing))) if missing else ())


def active_connection() -> Connection | None:
    """The connection that is synchronised."""
    return Connection.objects.exclude(status=Connection.Status.RETIRED).order_by("-created_at").first()


def names_by_reference(references: Iterable[str]) -> Mapping[str, str]:
    """Who or what "Practitioner/1" is called, for those references that the mirror holds. Keys are "Type/id"."""
    keys = {found for reference in references if (found := resolve(reference))}
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.type, r.fhir_id, (r.body - 'text' - 'photo' - 'qualification')::text, r.patient_id "
            "FROM ehr_resource r "
            "JOIN unnest(%s::text[], %s::text[]) AS w (type, fhir_id) ON r.type = w.type AND r.fhir_id = w.fhir_id "
            "JOIN ehr_connection c ON c.id = r.connection_id AND c.status <> 'retired'",
            [[key[0] for key in keys], [key[1] for key in keys]],
        )
        found = cursor.fetchall()
    named = ((f"{kind}/{fhir_id}", display_name(decode(body))) for kind, fhir_id, body, _patient in found)
    return {key: name for key, name in named if name}


def display_name(body: Mapping[str, Any]) -> str:
    """What a person would call this resource: a name, a code's text, a description; "" where it has none."""
    name = body.get("name")
    if isinstance(name, str):
        return name.strip()
    if isinstance(name, list):
        return human_name(name)
    for element in ("code", "type"):
        if said := _concept(body.get(element)):
            return said
    for element in ("practitioner", "organization"):
        holder = body.get(element)
        if isinstance(holder, Mapping) and isinstance(holder.get("display"), str):
            return str(holder["display"]).strip()
    description = body.get("description")
    return description.strip() if isinstance(description, str) else ""


PREFERRED = ("official", "usual", "")


def human_name(names: list[Any]) -> str:
    """One line of a HumanName list (R4, 2.24.0.11): the official one, else the usual one, else the first."""
    usable = [name for name in names if isinstance(name, Mapping) and name.get("use") not in {"old", "maiden"}]
    if not usable:
        return ""
    by_use = {str(name.get("use", "")): name for name in reversed(usable)}
    chosen = next((by_use[use] for use in PREFERRED if use in by_use), usable[0])
    if isinstance(chosen.get("text"), str) and chosen["text"].strip():
        return str(chosen["text"]).strip()
    parts = [*_texts(chosen.get("prefix")), *_texts(chosen.get("given")), *_texts(chosen.get("family"))]
    return " ".join(parts)


def _texts(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [entry.strip() for entry in entries if isinstance(entry, str) and entry.strip()]


def _concept(value: Any) -> str:
    holder = next((v for v in value if isinstance(v, Mapping)), None) if isinstance(value, list) else value
    if not isinstance(holder, Mapping):
        return ""
    if isinstance(holder.get("text"), str) and holder["text"].strip():
        return str(holder["text"]).strip()
    codings = holder.get("coding")
    for coding in codings if isinstance(codings, list) else []:
        if isinstance(coding, Mapping) and isinstance(coding.get("display"), str):
            return str(coding["display"]).strip()
    return ""


def earlier_bodies(resource_id: UUID, patient_id: UUID) -> list[tuple[dict[str, Any], datetime]]:
    """What a resource said before, newest first, and when that ended. Only while it was this patient's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body::text, replaced_at FROM ehr_resourcehistory WHERE resource_id = %s AND patient_id = %s "
            "ORDER BY replaced_at DESC, id DESC",
            [resource_id, patient_id],
        )
        return [(decode(body), replaced_at) for body, replaced_at in cursor.fetchall()]


# What is equal in two ways of writing an address: words that are often cut short, all signs, case.
SHORT = (("street", "st"), ("avenue", "ave"), ("road", "rd"), ("drive", "dr"), ("lane", "ln"), ("boulevard", "blvd"),
         ("apartment", "apt"), ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"))  # fmt: skip
_PLAIN = "lower(concat_ws(' ', part->'line'->>0, part->'line'->>1))"
for _long, _cut in SHORT:
    _PLAIN = f"regexp_replace({_PLAIN}, '\\m{_long}\\M', '{_cut}', 'g')"
# Without a line, or without a place, an address says nothing: two of those are not equal.
SAME_ADDRESS = f"""
    WITH homes AS (
        SELECT r.patient_id, regexp_replace({_PLAIN}, '[^[:alnum:]]', '', 'g') AS line,
               coalesce(nullif(left(regexp_replace(part->>'postalCode', '[^[:alnum:]]', '', 'g'), 5), ''),
                        nullif(lower(part->>'city'), '')) AS place
          FROM ehr_resource r
          JOIN ehr_connection c ON c.id = r.connection_id AND c.status <> 'retired'
         CROSS JOIN LATERAL jsonb_array_elements(
               CASE jsonb_typeof(r.body->'address') WHEN 'array' THEN r.body->'address' ELSE '[]' END) AS part
         WHERE r.type = 'Patient' AND r.gone_at IS NULL AND r.patient_id = ANY(%(all)s)
           AND jsonb_typeof(part->'line') = 'array' AND coalesce(part->>'use', '') <> 'old')
    SELECT DISTINCT asked.one AS patient_id, asked.other AS patient_id
      FROM unnest(%(ones)s::uuid[], %(others)s::uuid[]) AS asked (one, other)
      JOIN homes a ON a.patient_id = asked.one
      JOIN homes b ON b.patient_id = asked.other AND b.line = a.line AND b.place = a.place
     WHERE a.line <> '' AND a.place <> ''
"""  # noqa: S608  (names of ours, values as parameters)


def same_address(pairs: Iterable[tuple[UUID, UUID]]) -> frozenset[tuple[UUID, UUID]]:
    """Those of these pairs of patients to whom the source gives one home address. The address stays in the database;
    the caller notes whose was compared."""
    asked = list(pairs)
    if not asked:
        return frozenset()
    ones, others = [pair[0] for pair in asked], [pair[1] for pair in asked]
    with connection.cursor() as cursor:
        cursor.execute(SAME_ADDRESS, {"ones": ones, "others": others, "all": [*ones, *others]})
        return frozenset(cursor.fetchall())

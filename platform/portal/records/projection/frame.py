"""What a projection is told beside the resource, and the small steps that all kinds share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.records.projection.dates import When
from portal.records.projection.reading import (
    Json,
    concept_texts,
    contained,
    human_name,
    key_of,
    node,
    nodes,
    number_text,
    reference_id,
    text,
    word,
)
from portal.records.projection.rows import Fact


@dataclass(frozen=True, slots=True)
class Frame:
    """Whose resource it is and where it was read. `names` says who "Practitioner/1" is, as far as it is known."""

    source: str
    zone: ZoneInfo
    sex: str = ""
    birth_date: date | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """A mirror row as the projections see it."""

    id: UUID
    type: str
    fhir_id: str
    body: Json


def name_of(body: Json, reference: Json, frame: Frame) -> str:
    """Who or what a reference means, in words, or ""."""
    said = word(reference, "display")
    if said:
        return said
    inner = contained(body, reference)
    if inner:
        return human_name(inner) or contained_title(inner)
    target = reference_id(reference)
    if target is None:
        plain = word(reference, "reference")
        return frame.names.get(plain, "") if plain.startswith("urn:") else word(node(reference, "identifier"), "value")
    return frame.names.get(f"{target[0]}/{target[1]}", "")


def contained_title(inner: Json) -> str:
    """Medication and Location carry their name in a code or a description."""
    said = concept_texts(inner, "code") or concept_texts(inner, "type")
    return said[0] if said else word(inner, "description")


def names_of(body: Json, key: str, frame: Frame) -> list[str]:
    """The same for a list of references."""
    found = (name_of(body, reference, frame) for reference in nodes(body, key))
    return list(dict.fromkeys(name for name in found if name))


def linked(reference: Json, kind: str, frame: Frame) -> UUID | None:
    """The row that a reference points to: rows' ids are made of the resource's own."""
    target = reference_id(reference, kind)
    return key_of(frame.source, target[0], target[1]) if target and target[0] == kind else None


def header(resource: Resource, frame: Frame, *, title: str, when: When, end: When | None = None) -> dict[str, Any]:
    """The columns that every row has."""
    end = end or When()
    return {
        "id": key_of(frame.source, resource.type, resource.fhir_id),
        "source_id": resource.id,
        "source_type": resource.type[:60],
        "fhir_id": resource.fhir_id[:200],
        "title": title,
        "status": word(resource.body, "status")[:60],
        "date_text": when.text,
        "date_precision": when.precision,
        "end_text": end.text,
        "end_precision": end.precision,
        "sort_at": when.instant,
        "sort_day": when.day,
    }


def said(label: str, *values: str) -> list[Fact]:
    """A fact in words; nothing when there are none."""
    joined = ", ".join(value for value in values if value)
    return [{"label": label, "text": joined}] if joined else []


def dated(label: str, when: When) -> list[Fact]:
    return [{"label": label, "date": when.text, "precision": when.precision}] if when.text else []


def measured(label: str, quantity: Json) -> list[Fact]:
    """A fact that is a Quantity, an Age or a Duration."""
    value = number_text(quantity.get("value"))
    if not value:
        return said(label, word(quantity, "unit"))
    unit = word(quantity, "unit") or word(quantity, "code")
    return [{"label": label, "value": value, "unit": unit, "comparator": word(quantity, "comparator")}]


def notes(body: Json) -> list[Fact]:
    """Annotations: what somebody wrote beside it."""
    return [{"label": "note", "text": text(entry.get("text"))} for entry in nodes(body, "note") if word(entry, "text")]


def coded(label: str, body: Json, key: str) -> list[Fact]:
    return said(label, *concept_texts(body, key))

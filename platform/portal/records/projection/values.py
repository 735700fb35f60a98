"""value[x] of an Observation or a component: every kind R4 knows, kept exactly as the source wrote it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.records.projection.reading import Json, concept_text, node, number, number_text, text, word

COMPARATORS = frozenset({"<", "<=", ">", ">=", "ad"})


@dataclass(frozen=True, slots=True)
class Value:
    """`text` is the exact decimal text of a number, or the words. `parts` holds what a range or a ratio is made of."""

    kind: str = "none"
    text: str = ""
    number: Decimal | None = None
    comparator: str = ""
    unit: str = ""
    unit_code: str = ""
    parts: tuple[dict[str, str], ...] = ()
    problem: str = ""
    more: dict[str, Any] = field(default_factory=dict)


NOTHING = Value()


def read_value(holder: Json) -> Value:
    """The value of an Observation or component; `kind` "none" when it has none."""
    keys = sorted(key for key in holder if isinstance(key, str) and key.startswith("value") and len(key) > 5)
    for key in keys:
        reader = READERS.get(key)
        found: Value | None = reader(holder[key]) if reader else None
        if found is not None and found.kind != "none":
            return found
    unread = [key for key in keys if holder[key] not in (None, "", {}, [])]
    return Value(problem=f"{unread[0][:40]} could not be read") if unread else NOTHING


def _quantity(value: Any) -> Value:
    if not isinstance(value, dict):
        return NOTHING
    exact = number_text(value.get("value"))
    unit = word(value, "unit") or word(value, "code")
    if not exact:
        return NOTHING
    comparator = word(value, "comparator")
    return Value(
        "quantity", exact, number(exact), comparator if comparator in COMPARATORS else "", unit, word(value, "code")
    )


def _part(value: Json, role: str) -> dict[str, str] | None:
    exact = number_text(value.get("value"))
    if not exact:
        return None
    unit = word(value, "unit") or word(value, "code")
    return {"role": role, "value": exact, "unit": unit, "comparator": word(value, "comparator")}


def _pair(kind: str, first: str, second: str, join: str) -> Any:
    def reader(value: Any) -> Value:
        if not isinstance(value, dict):
            return NOTHING
        found = [_part(node(value, role), role) for role in (first, second)]
        parts = tuple(part for part in found if part)
        said = join.join(f"{part['comparator']}{part['value']} {part['unit']}".strip() for part in parts)
        return Value(kind, said, parts=parts) if parts else NOTHING

    return reader


def _concept(value: Any) -> Value:
    said = concept_text(value) if isinstance(value, dict) else text(value)
    return Value("coded", said) if said else NOTHING


def _plain(kind: str) -> Any:
    def reader(value: Any) -> Value:
        said = text(value)
        return Value(kind, said) if said else NOTHING

    return reader


def _boolean(value: Any) -> Value:
    return Value("boolean", "true" if value else "false") if isinstance(value, bool) else NOTHING


def _integer(value: Any) -> Value:
    exact = number_text(value)
    return Value("integer", exact, number(exact)) if exact else NOTHING


def _period(value: Any) -> Value:
    if not isinstance(value, dict):
        return NOTHING
    parts = tuple({"role": role, "date": word(value, role)} for role in ("start", "end") if word(value, role))
    return Value("period", " / ".join(part["date"] for part in parts), parts=parts) if parts else NOTHING


def _sampled(value: Any) -> Value:
    if not isinstance(value, dict):
        return NOTHING
    origin = node(value, "origin")
    unit = word(origin, "unit") or word(origin, "code")
    points = word(value, "data").split()
    more = {key: number_text(value.get(key)) for key in ("period", "factor", "lowerLimit", "upperLimit", "dimensions")}
    return Value("sampled", str(len(points)), unit=unit, more={"points": points[:2000], **more})


def _attachment(value: Any) -> Value:
    return Value("attachment", word(value, "title") or word(value, "contentType") or "file") if value else NOTHING


def _reference(value: Any) -> Value:
    said = word(value, "display") or word(value, "reference")
    return Value("reference", said) if said else NOTHING


READERS: dict[str, Any] = {
    "valueQuantity": _quantity,
    "valueCodeableConcept": _concept,
    "valueString": _plain("string"),
    "valueBoolean": _boolean,
    "valueInteger": _integer,
    "valueDecimal": _integer,
    "valueRange": _pair("range", "low", "high", " – "),
    "valueRatio": _pair("ratio", "numerator", "denominator", " / "),
    "valueSampledData": _sampled,
    "valueTime": _plain("time"),
    "valueDateTime": _plain("date"),
    "valueDate": _plain("date"),
    "valueInstant": _plain("date"),
    "valuePeriod": _period,
    "valueCode": _plain("string"),
    "valueMarkdown": _plain("string"),
    "valueAttachment": _attachment,
    "valueReference": _reference,
}

"""Reference ranges: all of them are kept, one is chosen where the source leaves no doubt which one is meant."""

from datetime import date
from decimal import Decimal
from typing import Any

from portal.records.projection.frame import Frame
from portal.records.projection.reading import (
    Json,
    codes,
    concept_text,
    concept_texts,
    node,
    nodes,
    number,
    number_text,
    word,
)

USUAL_TYPES = frozenset({"normal", "recommended"})
SEXES = {"male": "male", "m": "male", "248153007": "male", "female": "female", "f": "female", "248152002": "female"}
YEARS = {"a": Decimal(1), "mo": Decimal(12), "wk": Decimal("52.18"), "d": Decimal("365.25")}


def read_ranges(holder: Json) -> list[dict[str, Any]]:
    """Every range that the source gives, in its order, its numbers as exact text."""
    found = []
    for entry in nodes(holder, "referenceRange"):
        low, high = node(entry, "low"), node(entry, "high")
        kept = {
            "low": number_text(low.get("value")),
            "high": number_text(high.get("value")),
            "unit": word(low, "unit") or word(high, "unit") or word(low, "code") or word(high, "code"),
            "unit_code": word(low, "code") or word(high, "code"),
            "text": word(entry, "text"),
            "type": concept_text(node(entry, "type")),
            "types": sorted(codes(node(entry, "type"))),
            "applies": concept_texts(entry, "appliesTo"),
            "sexes": sorted(_sexes(entry)),
            "others": _other_groups(entry),
            "ages": _ages(node(entry, "age")),
        }
        if kept["low"] or kept["high"] or kept["text"]:
            found.append(kept)
    return found


def choose(ranges: list[dict[str, Any]], frame: Frame, on: date, unit: str, unit_code: str) -> dict[str, Any] | None:
    """The range that applies to this person for this value, or None where two could, or none does."""
    fitting = [entry for entry in ranges if _fits(entry, frame, on) and _same_unit(entry, unit, unit_code)]
    numeric = [entry for entry in fitting if entry["low"] or entry["high"]]
    if not numeric:
        return None
    best = max(_exactness(entry) for entry in numeric)
    top = [entry for entry in numeric if _exactness(entry) == best]
    alike = {(entry["low"], entry["high"]) for entry in top}
    return top[0] if len(alike) == 1 else None


def _exactness(entry: dict[str, Any]) -> int:
    """A range said to be normal, or made for this sex and age, goes before one for everybody."""
    return 4 * bool(entry["sexes"]) + 2 * bool(entry["ages"]) + ("normal" in entry["types"])


def _fits(entry: dict[str, Any], frame: Frame, on: date) -> bool:
    if entry["types"] and not USUAL_TYPES.intersection(entry["types"]):
        return False
    if entry["others"] or (entry["sexes"] and frame.sex not in entry["sexes"]):
        return False
    if not entry["ages"]:
        return True
    if frame.birth_date is None or on.year <= 1:
        return False
    years = Decimal((on - frame.birth_date).days) / YEARS["d"]
    low, high = number(entry["ages"].get("low", "")), number(entry["ages"].get("high", ""))
    return (low is None or years >= low) and (high is None or years <= high)


def _same_unit(entry: dict[str, Any], unit: str, unit_code: str) -> bool:
    """A range in another unit than the value is shown, and never compared."""
    if not entry["unit"] and not entry["unit_code"]:
        return True
    given = {name.casefold() for name in (unit, unit_code) if name}
    return not given or bool(given & {name.casefold() for name in (entry["unit"], entry["unit_code"]) if name})


def _sexes(entry: Json) -> set[str]:
    said = {code.casefold() for concept in nodes(entry, "appliesTo") for code in codes(concept)}
    said |= {name.casefold() for name in concept_texts(entry, "appliesTo")}
    return {SEXES[name] for name in said if name in SEXES}


def _other_groups(entry: Json) -> bool:
    """Whether the range is for a group that we cannot know somebody belongs to, such as a trimester."""
    for concept in nodes(entry, "appliesTo"):
        said = {code.casefold() for code in codes(concept)} | {concept_text(concept).casefold()}
        if not said & SEXES.keys():
            return True
    return False


def _ages(age: Json) -> dict[str, str]:
    found = {}
    for side in ("low", "high"):
        value = number(number_text(node(age, side).get("value")))
        unit = word(node(age, side), "code") or word(node(age, side), "unit")
        per_year = YEARS.get(unit, YEARS.get({"years": "a", "year": "a", "months": "mo", "days": "d"}.get(unit, "a")))
        if value is not None and per_year:
            found[side] = format((value / per_year).quantize(Decimal("0.0001")), "f")
    return found

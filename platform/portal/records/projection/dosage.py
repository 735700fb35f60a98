"""Dosage: the source's own words, or a line made of its structure where it gave no words."""

from portal.records.projection.reading import Json, concept_text, concept_texts, node, nodes, number_text, texts, word

UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def dosage_lines(dosages: list[Json]) -> list[str]:
    """One line a dosage, in the order the source gives."""
    ordered = sorted(dosages, key=lambda entry: entry["sequence"] if isinstance(entry.get("sequence"), int) else 0)
    lines = (word(entry, "text") or word(entry, "patientInstruction") or _built(entry) for entry in ordered)
    return [line for line in lines if line]


def _built(dosage: Json) -> str:
    """Like "2 tablets, by mouth, 3 times every 1 day, for pain". The words of codes are the source's."""
    timing = node(dosage, "timing")
    parts = [
        *(_dose(entry) for entry in nodes(dosage, "doseAndRate")),
        concept_text(node(dosage, "method")),
        concept_text(node(dosage, "route")),
        concept_text(node(dosage, "site")),
        concept_text(node(timing, "code")) or _frequency(node(timing, "repeat")),
        _needed(dosage),
        *concept_texts(dosage, "additionalInstruction"),
    ]
    return ", ".join(part for part in parts if part)


def _amount(quantity: Json) -> str:
    value = number_text(quantity.get("value"))
    return f"{value} {word(quantity, 'unit') or word(quantity, 'code')}".strip() if value else ""


def _dose(entry: Json) -> str:
    dose = _amount(node(entry, "doseQuantity"))
    low, high = _amount(node(node(entry, "doseRange"), "low")), _amount(node(node(entry, "doseRange"), "high"))
    rate = _amount(node(entry, "rateQuantity"))
    return " ".join(part for part in (dose or " – ".join(side for side in (low, high) if side), rate) if part)


def _frequency(repeat: Json) -> str:
    times, per = number_text(repeat.get("frequency")), number_text(repeat.get("period"))
    most = number_text(repeat.get("frequencyMax"))
    unit = UNITS.get(word(repeat, "periodUnit"), word(repeat, "periodUnit"))
    hours = " ".join(texts(repeat, "timeOfDay") + texts(repeat, "when") + texts(repeat, "dayOfWeek"))
    if not per:
        return hours
    count = f"{times}–{most}" if times and most else times or "1"
    rhythm = f"{count} × / {unit}" if per == "1" else f"{count} × / {per} {unit}s"
    return f"{rhythm} {hours}".strip()


def _needed(dosage: Json) -> str:
    reason = concept_text(node(dosage, "asNeededCodeableConcept"))
    if reason:
        return f"as needed: {reason}"
    return "as needed" if dosage.get("asNeededBoolean") is True else ""

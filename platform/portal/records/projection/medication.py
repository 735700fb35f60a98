"""MedicationRequest and MedicationStatement: what to take, how, and whether it is still to be taken."""

from portal.records.projection.dates import When, choice, period, read
from portal.records.projection.dosage import dosage_lines
from portal.records.projection.frame import (
    Frame,
    Resource,
    coded,
    dated,
    header,
    measured,
    name_of,
    names_of,
    notes,
    said,
)
from portal.records.projection.reading import Json, concept_text, concept_texts, node, nodes, number_text, word
from portal.records.projection.rows import Fact, MedicationRow, Row

TAKEN = frozenset({"active", "on-hold", "intended", "draft", "unknown", ""})


def medication_name(body: Json, frame: Frame) -> str:
    """medication[x]: words, or the name of the Medication that is pointed to."""
    said_so = concept_text(node(body, "medicationCodeableConcept"))
    return said_so or name_of(body, node(body, "medicationReference"), frame)


def project_request(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    dispense = node(body, "dispenseRequest")
    start, end = period(node(dispense, "validityPeriod"), frame.zone)
    when = read(body.get("authoredOn"), frame.zone)
    lines = dosage_lines(nodes(body, "dosageInstruction"))
    facts = [
        *said("asked_by", name_of(body, node(body, "requester"), frame)),
        *_reasons(body, frame),
        *said("refills", number_text(dispense.get("numberOfRepeatsAllowed"))),
        *measured("amount", node(dispense, "quantity")),
        *measured("lasts", node(dispense, "expectedSupplyDuration")),
        *dated("from", start),
        *dated("until", end),
        *coded("status_reason", body, "statusReason"),
        *said("course", concept_text(node(body, "courseOfTherapyType"))),
        *said("intent", word(body, "intent")),
        *notes(body),
    ]
    return [_row(resource, frame, when, end, lines, facts, since=False)], _nameless(body, frame)


def project_statement(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, end, words = choice(body, "effective", frame.zone)
    asserted = read(body.get("dateAsserted"), frame.zone)
    lines = dosage_lines(nodes(body, "dosage"))
    facts = [
        *said("taken", words),
        *said("told_by", name_of(body, node(body, "informationSource"), frame)),
        *_reasons(body, frame),
        *dated("recorded", asserted),
        *coded("status_reason", body, "statusReason"),
        *notes(body),
    ]
    return [
        _row(resource, frame, start if start.text else asserted, end, lines, facts, since=bool(start.text))
    ], _nameless(body, frame)


def _reasons(body: Json, frame: Frame) -> list[Fact]:
    return said("reason", *concept_texts(body, "reasonCode"), *names_of(body, "reasonReference", frame))


def _nameless(body: Json, frame: Frame) -> list[str]:
    return [] if medication_name(body, frame) else ["a medicine without a name"]


def _row(
    resource: Resource, frame: Frame, when: When, end: When, lines: list[str], facts: list[Fact], *, since: bool
) -> MedicationRow:
    columns = header(resource, frame, title=medication_name(resource.body, frame), when=when, end=end)
    return MedicationRow(
        **columns, active=columns["status"] in TAKEN, dosage="\n".join(lines), detail={"facts": facts, "since": since}
    )

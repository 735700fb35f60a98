"""Encounter and Appointment: both are visits to a patient, one in the past, one ahead."""

from portal.records.projection.dates import period, read
from portal.records.projection.frame import Frame, Resource, header, linked, measured, name_of, names_of, notes, said
from portal.records.projection.reading import (
    Json,
    concept_text,
    concept_texts,
    node,
    nodes,
    number_text,
    reference_id,
    word,
)
from portal.records.projection.rows import Row, VisitRow

ENCOUNTER_AHEAD = frozenset({"planned", "arrived", "triaged", "in-progress", "onleave"})
APPOINTMENT_AHEAD = frozenset({"proposed", "pending", "booked", "arrived", "checked-in", "waitlist"})


def project_encounter(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, end = period(node(body, "period"), frame.zone)
    stay = node(body, "hospitalization")
    kind = node(body, "class")
    people = [name_of(body, node(entry, "individual"), frame) for entry in nodes(body, "participant")]
    places = [name_of(body, node(entry, "location"), frame) for entry in nodes(body, "location")]
    reasons = [*concept_texts(body, "reasonCode"), *names_of(body, "reasonReference", frame)]
    title = next(iter(concept_texts(body, "type")), "") or concept_text(node(body, "serviceType"))
    facts = [
        *said("visit_class", word(kind, "display") or word(kind, "code") or concept_text(kind)),
        *said("service", concept_text(node(body, "serviceType"))),
        *said("all_types", *concept_texts(body, "type")[1:]),
        *said("diagnosis", *(name_of(body, node(entry, "condition"), frame) for entry in nodes(body, "diagnosis"))),
        *said("came_from", concept_text(node(stay, "admitSource"))),
        *said("went_to", concept_text(node(stay, "dischargeDisposition"))),
        *measured("length", node(body, "length")),
        *said("priority", concept_text(node(body, "priority"))),
    ]
    row = VisitRow(
        **header(resource, frame, title=title, when=start, end=end),
        planned=word(body, "status") in ENCOUNTER_AHEAD,
        booking_id=next((linked(entry, "Appointment", frame) for entry in nodes(body, "appointment")), None),
        place=", ".join(_unique(places)) or name_of(body, node(body, "serviceProvider"), frame),
        with_whom=", ".join(_unique(people)),
        reason=", ".join(_unique(reasons)),
        detail={"facts": facts},
    )
    return [row], []


def project_appointment(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, end = read(body.get("start"), frame.zone), read(body.get("end"), frame.zone)
    if not start.text:
        start, end = next((period(entry, frame.zone) for entry in nodes(body, "requestedPeriod")), (start, end))
    people, places = _participants(body, frame)
    reasons = [*concept_texts(body, "reasonCode"), *names_of(body, "reasonReference", frame)]
    title = (
        word(body, "description")
        or next(iter([*concept_texts(body, "serviceType"), *concept_texts(body, "specialty")]), "")
        or concept_text(node(body, "appointmentType"))
    )
    facts = [
        *said("service", *concept_texts(body, "serviceType")),
        *said("specialty", *concept_texts(body, "specialty")),
        *said("visit_class", concept_text(node(body, "appointmentType"))),
        *said("minutes", number_text(body.get("minutesDuration"))),
        *said("instruction", word(body, "patientInstruction")),
        *said("comment", word(body, "comment")),
        *said("status_reason", concept_text(node(body, "cancelationReason"))),
        *notes(body),
    ]
    row = VisitRow(
        **header(resource, frame, title=title, when=start, end=end),
        planned=word(body, "status") in APPOINTMENT_AHEAD,
        place=", ".join(_unique(places)),
        with_whom=", ".join(_unique(people)),
        reason=", ".join(_unique(reasons)),
        detail={"facts": facts},
    )
    return [row], []


def _participants(body: Json, frame: Frame) -> tuple[list[str], list[str]]:
    people: list[str] = []
    places: list[str] = []
    for entry in nodes(body, "participant"):
        actor = node(entry, "actor")
        target = reference_id(actor)
        kind = target[0] if target else word(actor, "type")
        if kind == "Patient":
            continue
        name = name_of(body, actor, frame)
        (places if kind == "Location" else people).append(name)
    return people, places


def _unique(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name]

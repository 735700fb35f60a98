"""Immunization: vaccines given, and those that were not."""

from portal.records.projection.dates import choice, read
from portal.records.projection.frame import Frame, Resource, coded, dated, header, measured, name_of, notes, said
from portal.records.projection.reading import concept_text, node, nodes, number_text, word
from portal.records.projection.rows import ImmunizationRow, Row


def project_immunization(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    when, _end, words = choice(body, "occurrence", frame.zone)
    doses = nodes(body, "protocolApplied")
    numbers = (word(entry, "doseNumberString") or number_text(entry.get("doseNumberPositiveInt")) for entry in doses)
    actors = (name_of(body, node(entry, "actor"), frame) for entry in nodes(body, "performer"))
    facts = [
        *said("taken", words),
        *said("dose_number", *numbers),
        *said("against", *(concept_text(entry) for dose in doses for entry in nodes(dose, "targetDisease"))),
        *measured("dose", node(body, "doseQuantity")),
        *coded("route", body, "route"),
        *coded("body_site", body, "site"),
        *said("maker", name_of(body, node(body, "manufacturer"), frame)),
        *said("lot", word(body, "lotNumber")),
        *dated("expires", read(body.get("expirationDate"), frame.zone)),
        *said("performer", *actors),
        *said("place", name_of(body, node(body, "location"), frame)),
        *coded("status_reason", body, "statusReason"),
        *said("reaction", *(name_of(body, node(entry, "detail"), frame) for entry in nodes(body, "reaction"))),
        *notes(body),
    ]
    columns = header(resource, frame, title=concept_text(node(body, "vaccineCode")), when=when)
    return [ImmunizationRow(**columns, given=columns["status"] != "not-done", detail={"facts": facts})], []

"""Procedure: what was done."""

from portal.records.projection.dates import choice
from portal.records.projection.frame import Frame, Resource, coded, header, linked, name_of, names_of, notes, said
from portal.records.projection.reading import concept_text, concept_texts, node, nodes
from portal.records.projection.rows import ProcedureRow, Row


def project_procedure(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, end, words = choice(body, "performed", frame.zone)
    facts = [
        *said("taken", words),
        *said("performer", *(name_of(body, node(entry, "actor"), frame) for entry in nodes(body, "performer"))),
        *said("place", name_of(body, node(body, "location"), frame)),
        *coded("body_site", body, "bodySite"),
        *said("reason", *concept_texts(body, "reasonCode"), *names_of(body, "reasonReference", frame)),
        *coded("outcome", body, "outcome"),
        *coded("complication", body, "complication"),
        *coded("follow_up", body, "followUp"),
        *coded("status_reason", body, "statusReason"),
        *coded("kind", body, "category"),
        *notes(body),
    ]
    row = ProcedureRow(
        **header(resource, frame, title=concept_text(node(body, "code")), when=start, end=end),
        visit_id=linked(node(body, "encounter"), "Encounter", frame),
        detail={"facts": facts},
    )
    return [row], []

"""Condition: health problems, now and in the past."""

from portal.records.projection.certainty import RULED_OUT, sure_of
from portal.records.projection.dates import choice, read
from portal.records.projection.frame import Frame, Resource, coded, dated, header, measured, name_of, notes, said
from portal.records.projection.reading import code_in, codes, concept_text, concept_texts, node, nodes
from portal.records.projection.rows import ConditionRow, Row

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
OVER = frozenset({"inactive", "remission", "resolved"})


def project_condition(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, until, words = choice(body, "onset", frame.zone)
    end, end_until, end_words = choice(body, "abatement", frame.zone)
    recorded = read(body.get("recordedDate"), frame.zone)
    clinical = node(body, "clinicalStatus")
    status = code_in(clinical, CLINICAL) or next(iter(codes(clinical)), "")
    facts = [
        *said("began", words),
        *measured("began_age", node(body, "onsetAge")),
        *dated("began_until", until),
        *said("ended", end_words),
        *measured("ended_age", node(body, "abatementAge")),
        *dated("ended_until", end_until),
        *dated("recorded", recorded),
        *coded("severity", body, "severity"),
        *coded("body_site", body, "bodySite"),
        *said("certainty", concept_text(node(body, "verificationStatus"))),
        *said("stage", *(concept_text(node(entry, "summary")) for entry in nodes(body, "stage"))),
        *said("kind", *concept_texts(body, "category")),
        *said("recorded_by", name_of(body, node(body, "recorder"), frame)),
        *said("told_by", name_of(body, node(body, "asserter"), frame)),
        *notes(body),
    ]
    when = start if start.text else recorded
    columns = header(resource, frame, title=concept_text(node(body, "code")), when=when, end=end)
    columns["status"] = status[:60]
    active = status not in OVER and not (not status and end.text) and sure_of(body) != RULED_OUT
    return [
        ConditionRow(
            **columns, active=active, detail={"facts": facts, "since": bool(start.text), "sure": sure_of(body)}
        )
    ], []

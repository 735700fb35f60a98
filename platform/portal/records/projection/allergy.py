"""AllergyIntolerance: what to keep away from, and what happened."""

from portal.records.projection.certainty import RULED_OUT, sure_of
from portal.records.projection.dates import choice, read
from portal.records.projection.frame import Frame, Resource, coded, dated, header, measured, name_of, notes, said
from portal.records.projection.reading import codes, concept_text, concept_texts, node, nodes, texts, word
from portal.records.projection.rows import AllergyRow, Row


def project_allergy(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, end, words = choice(body, "onset", frame.zone)
    recorded = read(body.get("recordedDate"), frame.zone)
    reactions = nodes(body, "reaction")
    seen = [name for entry in reactions for name in concept_texts(entry, "manifestation")]
    hard = {word(entry, "severity") for entry in reactions}
    status = next(iter(codes(node(body, "clinicalStatus"))), "")
    facts = [
        *said("began", words),
        *measured("began_age", node(body, "onsetAge")),
        *dated("recorded", recorded if start.text else read(None, frame.zone)),
        *dated("last_time", read(body.get("lastOccurrence"), frame.zone)),
        *said("kind", *texts(body, "category"), word(body, "type")),
        *said("criticality", word(body, "criticality")),
        *said("severity", *(name for name in dict.fromkeys(word(entry, "severity") for entry in reactions) if name)),
        *said("substance", *(concept_text(node(entry, "substance")) for entry in reactions)),
        *said("described", *(word(entry, "description") for entry in reactions)),
        *coded("certainty", body, "verificationStatus"),
        *said("recorded_by", name_of(body, node(body, "recorder"), frame)),
        *notes(body),
    ]
    when = start if start.text else recorded
    columns = header(resource, frame, title=concept_text(node(body, "code")), when=when, end=end)
    columns["status"] = status[:60]
    row = AllergyRow(
        **columns,
        active=status not in ("inactive", "resolved") and sure_of(body) != RULED_OUT,
        serious=word(body, "criticality") == "high" or "severe" in hard,
        reaction=", ".join(dict.fromkeys(seen)),
        detail={"facts": facts, "since": bool(start.text), "sure": sure_of(body)},
    )
    return [row], []

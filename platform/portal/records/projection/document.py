"""DocumentReference: papers of the record. Their bytes stay in the mirror or at the source; here is where they lie."""

from typing import Any

from portal.records.projection.dates import period, read
from portal.records.projection.frame import Frame, Resource, dated, header, linked, name_of, names_of, said
from portal.records.projection.reading import Json, concept_text, concept_texts, node, nodes, number_text, word
from portal.records.projection.rows import DocumentRow, Row


def file_of(attachment: Json, path: str) -> dict[str, Any] | None:
    """What is known of an attachment; `path` says where in the resource it stands."""
    inline, url = bool(word(attachment, "data")), word(attachment, "url")
    if not inline and not url and not word(attachment, "title"):
        return None
    return {
        "path": path,
        "type": word(attachment, "contentType").split(";")[0].strip().casefold(),
        "title": word(attachment, "title"),
        "size": number_text(attachment.get("size")),
        "url": url,
        "inline": inline,
        "language": word(attachment, "language")[:20],
        "created": word(attachment, "creation"),
    }


def files_of(body: Json, key: str) -> list[dict[str, Any]]:
    """A list of Attachments, as DiagnosticReport.presentedForm."""
    found = (file_of(entry, f"{key}/{place}") for place, entry in enumerate(nodes(body, key)))
    return [entry for entry in found if entry]


def project_document(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    context = node(body, "context")
    start, end = period(node(context, "period"), frame.zone)
    when = read(body.get("date"), frame.zone)
    files = []
    for place, entry in enumerate(nodes(body, "content")):
        found = file_of(node(entry, "attachment"), f"content/{place}/attachment")
        files += [found] if found else []
    visit = next((linked(entry, "Encounter", frame) for entry in nodes(context, "encounter")), None)
    kind = concept_text(node(body, "type"))
    title = word(body, "description") or next((entry["title"] for entry in files if entry["title"]), "") or kind
    facts = [
        *said("kind", kind if kind != title else "", *concept_texts(body, "category")),
        *dated("from", start),
        *dated("until", end),
        *said("approved_by", name_of(body, node(body, "authenticator"), frame)),
        *said("kept_by", name_of(body, node(body, "custodian"), frame)),
        *said("place", concept_text(node(context, "facilityType"))),
    ]
    row = DocumentRow(
        **header(resource, frame, title=title, when=when if when.text else start),
        author=", ".join(names_of(body, "author", frame)),
        visit_id=visit,
        detail={"facts": facts, "files": files},
    )
    return [row], [] if files else ["a document without a file"]

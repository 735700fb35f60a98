"""Documents and the files of reports: the gate in front of their bytes."""

from base64 import b64decode
from binascii import Error
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from foundation.audit import record
from foundation.errors import NotFound, Unavailable
from foundation.permissions import Viewer
from portal.access.queries import patient_for
from portal.ehr.contents import attachment_content, resource_body
from portal.records.projection.reading import text
from portal.records.queries.chart import Entry
from portal.records.queries.reading import decoded, opened_by, select

INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
"""What a browser shows without running anything. All else is saved, not opened."""

DOCUMENT = """
    SELECT id, title, status, date_text, end_text, sort_day, detail::text, author, source_id, visit_id
      FROM records_document WHERE patient_id = %(patient)s AND id = %(id)s
"""
FILES = """
    SELECT source_id, detail::text FROM records_document WHERE patient_id = %(patient)s AND id = %(id)s
    UNION ALL SELECT source_id, detail::text FROM records_panel WHERE patient_id = %(patient)s AND id = %(id)s
"""
PLACES = """
    SELECT id, jsonb_array_length(detail->'files') FROM records_document
     WHERE patient_id = %(patient)s AND jsonb_typeof(detail->'files') = 'array'
    UNION ALL SELECT id, jsonb_array_length(detail->'files') FROM records_panel
     WHERE patient_id = %(patient)s AND jsonb_typeof(detail->'files') = 'array' ORDER BY 1
"""


def document_for(viewer: Viewer, document_id: UUID) -> Entry:
    """The gate to one document. Raises NotFound."""
    patient = opened_by(viewer, "document.read", ("document", str(document_id)))
    found = select(
        lambda *row: Entry(*[*row[:6], decoded(row[6]), {"author": row[7], "source_id": row[8], "visit_id": row[9]}]),
        DOCUMENT,
        {"patient": patient.id, "id": document_id},
    )
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file's bytes, with the type under which it may be shown."""

    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def inline(self) -> bool:
        return self.media_type in INLINE


def places_of_files(viewer: Viewer) -> list[tuple[UUID, int]]:
    """Where each file of the record stands: the arguments of `file_for`, one by one."""
    patient = patient_for(viewer)
    found = select(lambda item_id, count: (item_id, count), PLACES, {"patient": patient.id})
    return [(item_id, place) for item_id, count in found for place in range(count)]


def file_for(viewer: Viewer, item_id: UUID, place: int) -> StoredFile:
    """One file of a document or report: out of the mirror, or fetched from the source. Raises NotFound, Unavailable."""
    patient = patient_for(viewer)
    record("document.read", by=viewer.actor, patient_id=patient.id, target=("file", f"{item_id}/{place}"))
    found = select(lambda *row: row, FILES, {"patient": patient.id, "id": item_id})
    files = decoded(found[0][1]).get("files", []) if found else []
    if not 0 <= place < len(files):
        raise NotFound
    known = files[place]
    name = known["title"] or "document"
    if known["inline"]:
        return StoredFile(name, known["type"], _inside(found[0][0], patient.id, known["path"]))
    content = attachment_content(found[0][0], patient.id, known["url"], by=viewer.actor)
    return StoredFile(name, known["type"] or content.media_type.split(";")[0].strip().casefold(), content.data)


def _inside(source_id: UUID, patient_id: UUID, path: str) -> bytes:
    """The bytes that stand in the resource itself, as base64."""
    here: Any = resource_body(source_id, patient_id)
    for step in path.split("/"):
        if isinstance(here, dict):
            here = here.get(step)
        if isinstance(here, list) and step.isdigit():
            here = here[int(step)] if int(step) < len(here) else None
    try:
        return b64decode(text(here.get("data")) if isinstance(here, dict) else "", validate=False)
    except (Error, ValueError) as error:
        raise Unavailable from error

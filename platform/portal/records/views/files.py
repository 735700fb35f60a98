"""Bytes of documents and reports: only through the gate, only as what cannot run in a browser."""

from uuid import UUID

from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_safe

from foundation.permissions import requires, viewer_of
from portal.records.permissions import READ
from portal.records.queries.documents import StoredFile, file_for

ENDINGS = {
    "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp",
    "text/plain": ".txt", "text/html": ".html", "application/xml": ".xml", "text/xml": ".xml",
}  # fmt: skip


@requires(READ)
@require_safe
def file(request: HttpRequest, item_id: UUID, place: int) -> HttpResponse:
    return answer(file_for(viewer_of(request), item_id, place))


def answer(found: StoredFile) -> HttpResponse:
    """Shown in the browser for a few safe types, saved for all others, sniffed for none."""
    media_type = found.media_type if found.inline else "application/octet-stream"
    if media_type == "text/plain":
        media_type = "text/plain; charset=utf-8"
    response = HttpResponse(found.data, content_type=media_type)
    name = named(found.name, found.media_type)
    response["Content-Disposition"] = content_disposition_header(not found.inline, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def named(title: str, media_type: str) -> str:
    """A file name that no system misreads, with the ending that its type has."""
    ending = ENDINGS.get(media_type, "")
    try:
        name = get_valid_filename(title).lstrip(".")[:80] or "document"
    except SuspiciousFileOperation:
        name = "document"
    return name if not ending or name.lower().endswith(ending) else f"{name}{ending}"

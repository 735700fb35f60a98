"""Files of documents and reports, as links."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

TYPES = {"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG", "text/plain": "TXT", "text/html": "HTML"}


@dataclass(frozen=True, slots=True)
class File:
    url: str
    title: str
    about: str


def files_of(entries: Iterable[dict[str, Any]], base: str) -> tuple[File, ...]:
    """Only what has bytes somewhere can be opened; the rest is named without a link."""
    return tuple(_file(entry, f"{base}{place}/") for place, entry in enumerate(entries))


def _file(entry: dict[str, Any], url: str) -> File:
    return File(url if entry["inline"] or entry["url"] else "", entry["title"] or _("Document"), _about(entry))


def _about(entry: dict[str, Any]) -> str:
    kind = TYPES.get(entry["type"], entry["type"])
    size = filesizeformat(int(entry["size"])) if entry["size"].isdigit() else ""
    return " · ".join(part for part in (kind, size) if part)

"""How an event becomes bytes, and the bytes a hash. The database's trigger does the same (migration 0003).

An event is written as fields in a fixed order, each with its length in bytes before it (`5:Alice,`), so that no two
events are written alike; a field that is NULL is `~,`, an empty one `0:,`. First come a version, the name of the schema
(a row of another hospital does not fit), the event's number and the hash of the event before. SHA-256 over all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

VERSION = "portico-audit-1"
BEGINNING = bytes(32)
"""What stands before the first event."""

AS_TEXT = {
    "at": "to_char({}at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    "actor_id": "{}actor_id::text",
    "on_behalf_of": "{}on_behalf_of::text",
    "patient_id": "{}patient_id::text",
    "item_count": "{}item_count::text",
    "address": "{}address::text",
}
FIELDS = (
    "at", "kind", "actor_kind", "actor_id", "actor_name", "actor_role", "on_behalf_of", "patient_id", "target_type",
    "target_id", "outcome", "reason", "item_count", "request_id", "address", "agent",
)  # fmt: skip
"""Every column of audit_event but its number and its two hashes."""


def as_text(prefix: str = "") -> list[str]:
    """SQL that gives each field as the text that is hashed."""
    return [AS_TEXT.get(name, "{}" + name).format(prefix) for name in FIELDS]


@dataclass(frozen=True, slots=True)
class Link:
    """One event as the database holds it, each field as text or None."""

    sequence: int
    previous: bytes | None
    hash: bytes | None
    fields: Sequence[str | None]


def field(value: str | None) -> bytes:
    if value is None:
        return b"~,"
    data = value.encode()
    return b"%d:%b," % (len(data), data)


def hash_of(schema: str, link: Link, previous: bytes) -> bytes:
    """What the event's hash must be, after an event with this hash."""
    text = [VERSION, schema, str(link.sequence), previous.hex(), *link.fields]
    return hashlib.sha256(b"".join(map(field, text))).digest()

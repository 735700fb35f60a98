"""Where signed ends of the chains lie outside the database, so that a cut-off end is seen (S53).

A port: whoever keeps them can add and read, and nothing else. `file` is a folder of this machine (demo, tests), `s3` a
bucket whose objects nobody can delete or replace until their years are over. The vendor's library stays in its adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class AnchorFailed(RuntimeError):
    """The store could not be written or read. `permanent`: trying again will not help, somebody must look."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        self.code, self.permanent = code, permanent
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one signed head lies: its number in the chain, and the store's own name for it."""

    sequence: int
    name: str


class AuditAnchor(Protocol):
    """Keeps signed heads. One that was put can be read for years, and is never changed."""

    def put(self, schema: str, sequence: int, signed: str) -> None:
        """Keeps it. The same one twice is kept once. Raises AnchorFailed."""

    def places(self, schema: str, *, after: int = -1) -> Iterator[Place]:
        """What is kept of a schema beyond this number, in the order of the numbers, whatever was done to hide it."""

    def get(self, schema: str, place: Place) -> str:
        """The signed text. Raises AnchorFailed."""


KINDS = {
    "file": "foundation.audit.anchors.file.open_anchor",
    "s3": "foundation.audit.anchors.s3.open_anchor",
}


def open_anchor() -> AuditAnchor:
    """The store that the settings name."""
    opened: AuditAnchor = import_string(KINDS[settings.PORTICO_AUDIT_ANCHOR])()
    return opened

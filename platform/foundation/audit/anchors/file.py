"""Signed heads in a folder: one file a schema and month, a line a head, only ever added to. For one machine."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from foundation import clock
from foundation.audit.anchors import AnchorFailed, Place

SCHEMA = re.compile(r"^[a-z][a-z0-9_]{2,47}(\.breaks)?\Z")


def open_anchor() -> FileAnchor:
    return FileAnchor(Path(settings.PORTICO_AUDIT_ANCHOR_FOLDER))


class FileAnchor:
    """A line is `number digest text`; its name is file and digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._texts: dict[str, str] = {}

    def put(self, schema: str, sequence: int, signed: str) -> None:
        digest = _digest(signed)
        try:
            folder = self._folder(schema)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = folder / f"{clock.now():%Y-%m}.heads"
            if file.exists() and f" {digest} " in file.read_text():
                return
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as out:
                out.write(f"{sequence} {digest} {signed}\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise AnchorFailed(type(error).__name__) from error

    def places(self, schema: str, *, after: int = -1) -> Iterator[Place]:
        found = []
        for number, name, signed in self._lines(schema):
            if number > after:
                self._texts[name] = signed
                found.append(Place(number, name))
        yield from sorted(found, key=lambda place: (place.sequence, place.name))

    def get(self, schema: str, place: Place) -> str:
        if place.name not in self._texts:
            self._texts.update({name: signed for _number, name, signed in self._lines(schema)})
        if place.name not in self._texts:
            raise AnchorFailed("absent", permanent=True)
        return self._texts[place.name]

    def _lines(self, schema: str) -> Iterator[tuple[int, str, str]]:
        try:
            for file in sorted(self._folder(schema).glob("*.heads")):
                for line in file.read_text().splitlines():
                    number, digest, signed = line.split(" ")
                    yield int(number), f"{file.name}:{digest}", signed
        except (OSError, ValueError) as error:
            raise AnchorFailed(type(error).__name__) from error

    def _folder(self, schema: str) -> Path:
        if not SCHEMA.match(schema):
            raise AnchorFailed("schema", permanent=True)
        return self.folder / schema


def _digest(signed: str) -> str:
    return hashlib.sha256(signed.encode()).hexdigest()[:32]

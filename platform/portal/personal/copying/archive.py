"""The ZIP itself. Every name in it is made here, none comes from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from django.utils.functional import Promise

READABLE_BY_OWNER = 0o600 << 16
EARLIEST = 1980  # ZIP knows no year before


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the ZIP, as the index lists it."""

    path: str
    title: str | Promise
    count: int = 0
    missing: str | Promise = ""


class Archive:
    """Use it in a `with` statement. `items` counts the rows and files that went in."""

    def __init__(self, file: IO[bytes], made: datetime) -> None:
        self.zip = ZipFile(file, "w", ZIP_DEFLATED, allowZip64=True)
        self.date = (max(made.year, EARLIEST), made.month, made.day, made.hour, made.minute, made.second)
        self.items = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.zip.close()

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        info = ZipInfo(path, self.date)
        info.compress_type, info.external_attr = ZIP_DEFLATED, READABLE_BY_OWNER
        with self.zip.open(info, "w", force_zip64=True) as out:
            yield out

    def bytes(self, path: str, data: bytes) -> None:
        with self.writing(path) as out:
            out.write(data)

    def rows(self, path: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """A JSON list, a row a line; no file where there is no row. The number of rows."""
        given = iter(rows)
        first = next(given, None)
        if first is None:
            return 0
        count = 1
        with self.writing(path) as out:
            out.write(b"[\n" + as_json(first))
            for row in given:
                out.write(b",\n" + as_json(row))
                count += 1
            out.write(b"\n]\n")
        self.items += count
        return count

    def lines(self, path: str, lines: Iterable[str]) -> int:
        """NDJSON: a text a line. The number of lines."""
        count = 0
        with self.writing(path) as out:
            for line in lines:
                out.write(line.encode() + b"\n")
                count += 1
        self.items += count
        return count


def as_json(row: Mapping[str, Any]) -> bytes:
    return orjson.dumps(row, default=str)

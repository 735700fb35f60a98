"""What goes into the copy, part by part. Each part writes its files and says what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.utils.text import slugify
from django.utils.translation import gettext as _

from foundation.errors import Refusal
from foundation.permissions import Viewer
from foundation.personal import Declaration, Holds, Subject, personal
from portal.ehr.handing_out import each_body
from portal.personal.copying.archive import Archive, Entry
from portal.personal.copying.pages import write_history
from portal.personal.erasing import is_here
from portal.personal.keeping import GROUPS
from portal.records.queries.documents import file_for, places_of_files
from portal.records.views.files import ENDINGS


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the copy is made, and whose data goes in."""

    viewer: Viewer
    subject: Subject


type Part = Callable[[Archive, Reader], Iterator[tuple[str, Entry]]]
"""Writes, and gives each entry with the heading of the index under which it stands."""


def parts() -> list[Part]:
    """In the order in which they are made."""
    tables: list[Part] = [_table(said) for said in personal() if is_here(said) and said.export]
    return [*tables, _fhir, _files, _history]


def _table(said: Declaration) -> Part:
    def write(archive: Archive, reader: Reader) -> Iterator[tuple[str, Entry]]:
        assert said.export is not None  # parts() has looked
        path = f"data/{said.table}.json"
        count = archive.rows(path, said.export(said, reader.subject))
        if count:
            yield str(GROUPS[said.holds]), Entry(path, said.title, count)

    return write


def _fhir(archive: Archive, reader: Reader) -> Iterator[tuple[str, Entry]]:
    """FHIR R4 resources as the hospital's system sent them, a file a type: what another portal can read."""
    heading = _("For another portal (FHIR R4)")
    for kind, bodies in groupby(each_body(reader.subject.patient_ids, gone=False), key=itemgetter(0)):
        path = f"fhir/{kind if kind.isalpha() and kind.isascii() else _plain(kind)}.ndjson"
        yield heading, Entry(path, kind, archive.lines(path, (text for _kind, text in bodies)))
    withdrawn = each_body(reader.subject.patient_ids, gone=True)
    first = next(withdrawn, None)
    if first:
        lines = (text for _kind, text in _after(first, withdrawn))
        path = "fhir/withdrawn.ndjson"
        yield heading, Entry(path, _("What the hospital’s system has taken back"), archive.lines(path, lines))


def _after(first: tuple[str, str], rest: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield first
    yield from rest


def _files(archive: Archive, reader: Reader) -> Iterator[tuple[str, Entry]]:
    """The files of documents and reports, one in memory at a time. What the source does not give now is said."""
    if reader.viewer.patient is None:
        return
    heading = _("Files")
    for number, (item_id, place) in enumerate(places_of_files(reader.viewer), start=1):
        try:
            found = file_for(reader.viewer, item_id, place)
        except Refusal as refusal:
            yield heading, Entry("", _("File %(number)s") % {"number": number}, missing=str(refusal))
            continue
        path = f"files/{number:04d}-{_plain(found.name)}{ENDINGS.get(found.media_type, '.bin')}"
        archive.bytes(path, found.data)
        archive.items += 1
        yield heading, Entry(path, found.name, 1)


def _plain(name: str) -> str:
    """A part of a path that is a path nowhere: letters of ASCII, digits, hyphens."""
    return slugify(name)[:60].strip("-_") or "file"


def _history(archive: Archive, reader: Reader) -> Iterator[tuple[str, Entry]]:
    path = "who-looked.html"
    count = write_history(archive, path, reader.subject)
    yield str(GROUPS[Holds.ACCOUNT]), Entry(path, _("Who looked at your record, as a page to read"), count)

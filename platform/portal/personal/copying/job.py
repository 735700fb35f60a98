"""Making a copy, part by part. The row says how far it is, so that a page can tell."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import override

from foundation.audit import Actor
from foundation.clock import now
from foundation.logs import get_logger
from foundation.permissions import Viewer
from foundation.personal import Subject
from foundation.storage import hospital_files, new_key
from foundation.tenancy import hospital_zone
from portal.access.queries import joined_ids, viewer_of_person
from portal.accounts.queries import person_by_id
from portal.personal.actions import UNMADE, give_up_copy, keep_copy
from portal.personal.copying.archive import Archive
from portal.personal.copying.pages import CONTENTS, each_heading, write_index
from portal.personal.copying.parts import Reader, parts
from portal.personal.models import DataCopy

log = get_logger(__name__)
FOLDER = "copies"
BY = Actor.system("export")


def make(copy_id: UUID) -> None:
    """Makes the file of a copy that is waiting, or whose worker was lost. Any failure is written on its row.

    The rights are asked for again: who lost them since gets no file.
    """
    copy = DataCopy.objects.filter(id=copy_id, state__in=UNMADE).first()
    if copy is None:
        return
    viewer = _viewer(copy)
    if viewer is None:
        give_up_copy(by=BY, copy=copy, fault=DataCopy.Fault.RIGHTS)
        return
    try:
        with override(copy.language), _scratch() as file:
            _finish(copy, viewer, file, _fill(copy, viewer, file))
    except Exception:
        log.exception("data_copy.failed", id=str(copy.id))
        give_up_copy(by=BY, copy=copy, fault=DataCopy.Fault.BROKEN)


def _viewer(copy: DataCopy) -> Viewer | None:
    user = person_by_id(copy.user_id)
    viewer = viewer_of_person(user, verified=True) if user is not None else None
    granted = viewer.patient.id if viewer and viewer.patient else None
    return viewer if copy.patient_id is None or granted == copy.patient_id else None


def _scratch() -> IO[bytes]:
    """A file without a name, on the disk where files belong: it is gone with whoever holds it."""
    folder = Path(settings.PORTICO_FILES)
    folder.mkdir(parents=True, exist_ok=True)
    return TemporaryFile(dir=folder)


def _fill(copy: DataCopy, viewer: Viewer, file: IO[bytes]) -> int:
    """Writes the ZIP. The number of rows and files in it."""
    patient_ids = joined_ids(copy.patient_id) if copy.patient_id else ()
    reader, made = Reader(viewer, Subject(patient_ids, copy.user_id)), now()
    todo = parts()
    contents: CONTENTS = {}
    _step(copy, 0, len(todo))
    with Archive(file, made.astimezone(hospital_zone())) as archive:
        for number, write in enumerate(todo, start=1):
            each_heading(write(archive, reader), contents)
            _step(copy, number, len(todo))
        write_index(archive, contents, viewer, made)
        return archive.items


def _step(copy: DataCopy, ready: int, of: int) -> None:
    """Progress is no act of anybody: it is written without an event, outside any transaction of the whole."""
    DataCopy.objects.filter(id=copy.id, state__in=UNMADE).update(
        parts_ready=ready, parts=of, state=DataCopy.State.MAKING
    )


def _finish(copy: DataCopy, viewer: Viewer, file: IO[bytes], items: int) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    store = hospital_files()
    key = store.save(new_key(FOLDER, ".zip"), File(file))
    try:
        kept = keep_copy(by=viewer.actor, copy=copy, file_key=key, size=size, items=items)
    except Exception:
        store.delete(key)
        raise
    if not kept:
        store.delete(key)

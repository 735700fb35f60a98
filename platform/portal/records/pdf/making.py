"""Making a copy, part by part. The row says how far it is, so that a page can tell."""

from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import override

from foundation.audit import Actor, record
from foundation.clock import now
from foundation.logs import get_logger
from foundation.permissions import Viewer
from foundation.storage import hospital_files, new_key
from portal.access.queries import viewer_of_person
from portal.accounts.queries import person_by_id
from portal.records.actions import give_up_copy
from portal.records.models.exports import RecordExport
from portal.records.pdf.engine import Press
from portal.records.pdf.parts import PARTS, html_of
from portal.records.pdf.style import style_of
from themes.queries import brand

log = get_logger(__name__)


def make(export_id: UUID) -> None:
    """Makes the file of a copy that is waiting, or whose worker was lost. Any failure is written on its row.

    The rights are asked for again: who lost them since gets no file.
    """
    unmade = (RecordExport.State.WAITING, RecordExport.State.MAKING)
    copy = RecordExport.objects.filter(id=export_id, state__in=unmade).first()
    if copy is None:
        return
    viewer = _viewer(copy)
    if viewer is None:
        give_up_copy(by=Actor.system("export"), export_id=copy.id)
        return
    try:
        with override(copy.language):
            _finish(copy, viewer, _printed(copy, viewer))
    except Exception:
        log.exception("export.failed", id=str(copy.id))
        give_up_copy(by=Actor.system("export"), export_id=copy.id)


def _viewer(copy: RecordExport) -> Viewer | None:
    user = person_by_id(copy.user_id)
    viewer = viewer_of_person(user, verified=True) if user is not None and user.is_active else None
    return viewer if viewer and viewer.patient and viewer.patient.id == copy.patient_id else None


def _printed(copy: RecordExport, viewer: Viewer) -> bytes:
    look = brand()
    assert viewer.patient is not None  # _viewer has looked
    _step(copy, 0, state=RecordExport.State.MAKING)
    with Press(style_of(f"{look.name} · {viewer.patient.name}", look.tokens.light.primary)) as press:
        for number, part in enumerate(PARTS):
            press.lay_out(html_of(part, viewer, first=number == 0, made=copy.asked_at))
            _step(copy, number + 1)
        return press.bind()


def _step(copy: RecordExport, ready: int, **more: str) -> None:
    """Progress is no act of anybody: it is written without an event, outside any transaction of the whole."""
    RecordExport.objects.filter(id=copy.id).update(parts_ready=ready, parts=len(PARTS), **more)


def _finish(copy: RecordExport, viewer: Viewer, file: bytes) -> None:
    key = hospital_files().save(new_key("exports", ".pdf"), ContentFile(file))
    with transaction.atomic():
        kept = RecordExport.objects.filter(id=copy.id).update(
            state=RecordExport.State.READY, file_key=key, size=len(file), ready_at=now()
        )
        if not kept:  # the person's data was erased meanwhile
            hospital_files().delete(key)
            return
        record("export.ready", by=viewer.actor, patient_id=copy.patient_id, target=("export", str(copy.id)))

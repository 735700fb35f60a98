"""The copies of a record that a person asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.access.queries import patient_for
from portal.records.models.exports import LIFE, RecordExport

STALLED_AFTER = LIFE / 48


@dataclass(frozen=True, slots=True)
class ExportView:
    id: UUID
    state: str
    parts_ready: int
    parts: int
    file_key: str
    size: int
    asked_at: datetime
    ready_at: datetime | None

    @property
    def until(self) -> datetime:
        return (self.ready_at or self.asked_at) + LIFE

    @property
    def running(self) -> bool:
        return self.state in (RecordExport.State.WAITING, RecordExport.State.MAKING) and not self.stalled

    @property
    def stalled(self) -> bool:
        """Half an hour without an end: the worker is gone."""
        waiting = self.state in (RecordExport.State.WAITING, RecordExport.State.MAKING)
        return waiting and now() - self.asked_at > STALLED_AFTER

    @property
    def ready(self) -> bool:
        return self.state == RecordExport.State.READY and self.until > now()

    @property
    def failed(self) -> bool:
        return self.state == RecordExport.State.FAILED or self.stalled


COLUMNS = ("id", "state", "parts_ready", "parts", "file_key", "size", "asked_at", "ready_at")


def _mine(viewer: Viewer) -> Any:
    patient = patient_for(viewer)
    assert viewer.user_id is not None  # patient_for has asked
    return RecordExport.objects.filter(user_id=viewer.user_id, patient_id=patient.id)


def latest_export_for(viewer: Viewer) -> ExportView | None:
    """The newest copy that this person asked for."""
    row = _mine(viewer).order_by("-asked_at").values_list(*COLUMNS).first()
    return ExportView(*row) if row else None


def export_for(viewer: Viewer, export_id: UUID) -> ExportView:
    """The gate to one copy: one's own, of the record that one may open now. Raises NotFound."""
    row = _mine(viewer).filter(id=export_id).values_list(*COLUMNS).first()
    if row is None:
        raise NotFound
    return ExportView(*row)

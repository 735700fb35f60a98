"""Reads: one's own copies and requests, and the queue of those who answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from foundation.audit import record
from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import Viewer
from portal.access.models import Patient
from portal.access.queries import patient_for
from portal.accounts.models import User
from portal.personal.models import DataCopy, DataRequest
from portal.personal.tidying import copy_life

STALLED_AFTER = timedelta(hours=2)
MOST = 100
State = DataCopy.State


@dataclass(frozen=True, slots=True)
class CopyView:
    id: UUID
    patient_id: UUID | None
    state: str
    fault: str
    parts_ready: int
    parts: int
    items: int
    file_key: str
    size: int
    asked_at: datetime
    ready_at: datetime | None

    @property
    def until(self) -> datetime:
        return self.asked_at + copy_life()

    @property
    def running(self) -> bool:
        return self.state in (State.WAITING, State.MAKING) and not self.stalled

    @property
    def stalled(self) -> bool:
        """So long without an end: the worker is gone."""
        return self.state in (State.WAITING, State.MAKING) and now() - self.asked_at > STALLED_AFTER

    @property
    def ready(self) -> bool:
        return self.state == State.READY and self.until > now()

    @property
    def failed(self) -> bool:
        return self.state == State.FAILED or self.stalled

    @property
    def fetched(self) -> bool:
        return self.state == State.FETCHED

    @property
    def why(self) -> str:
        return str(DataCopy.Fault(self.fault or DataCopy.Fault.BROKEN).label)


COLUMNS = (
    "id", "patient_id", "state", "fault", "parts_ready", "parts", "items", "file_key", "size", "asked_at", "ready_at",
)  # fmt: skip


def _copies(viewer: Viewer) -> Any:
    """One's own, of the record that one may open now."""
    mine = DataCopy.objects.filter(user=viewer.user_id)
    return mine.filter(patient=viewer.patient.id) if viewer.patient else mine.filter(patient=None)


def latest_copy_for(viewer: Viewer) -> CopyView | None:
    """The newest copy that this person asked for."""
    row = _copies(viewer).order_by("-asked_at").values_list(*COLUMNS).first()
    return CopyView(*row) if row else None


def copy_for(viewer: Viewer, copy_id: UUID) -> CopyView:
    """The gate to one copy. Raises NotFound."""
    row = _copies(viewer).filter(id=copy_id).values_list(*COLUMNS).first()
    if row is None:
        raise NotFound
    return CopyView(*row)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request, for the one who asked or the one who answers. `name` and `born` are empty once they are erased."""

    id: UUID
    kind: str
    state: str
    user_id: UUID
    patient_id: UUID
    words: str
    answer: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None
    rows_erased: int
    name: str = field(default="", kw_only=True)
    by_whom: str = field(default="", kw_only=True)

    @property
    def title(self) -> str:
        return str(DataRequest.Kind(self.kind).label)

    @property
    def state_words(self) -> str:
        return str(DataRequest.State(self.state).label)

    @property
    def open(self) -> bool:
        return self.state == DataRequest.State.OPEN

    @property
    def erases(self) -> bool:
        return self.kind == DataRequest.Kind.ERASE

    @property
    def late(self) -> bool:
        return self.open and self.due_at < now()


REQUEST = (
    "id", "kind", "state", "user_id", "patient_id", "words", "answer", "asked_at", "due_at", "answered_at",
    "rows_erased",
)  # fmt: skip


def requests_of(viewer: Viewer) -> list[RequestView]:
    """What this patient asked, newest first; nothing for staff, who are nobody's patient. Noted as one look."""
    if viewer.patient is None:
        return []
    record("data.viewed", by=viewer.actor, patient_id=viewer.patient.id)
    rows = DataRequest.objects.filter(patient_id=viewer.patient.id, user=viewer.user_id).order_by("-asked_at")
    return [RequestView(*row) for row in rows.values_list(*REQUEST)[:MOST]]


def request_of(viewer: Viewer, request_id: UUID) -> RequestView:
    """The gate of the one who asked. Raises NotFound."""
    patient = patient_for(viewer)
    rows = DataRequest.objects.filter(id=request_id, patient_id=patient.id, user=viewer.user_id)
    row = rows.values_list(*REQUEST).first()
    if row is None:
        raise NotFound
    record("data.request_read", by=viewer.actor, patient_id=patient.id, target=("data_request", str(request_id)))
    return RequestView(*row)


def queue_for(viewer: Viewer, *, answered: bool) -> list[RequestView]:
    """Open requests, the one that is due first on top; or those that were answered, newest first. Each patient whose
    request is shown is noted."""
    rows = DataRequest.objects.exclude(state=DataRequest.State.WITHDRAWN)
    if answered:
        rows = rows.exclude(state=DataRequest.State.OPEN).order_by("-answered_at")
    else:
        rows = rows.filter(state=DataRequest.State.OPEN).order_by("due_at")
    found = list(rows.values_list(*REQUEST)[:MOST])
    names = _names({row[4] for row in found})
    for patient_id in {row[4] for row in found}:
        record("data.request_listed", by=viewer.actor, patient_id=patient_id, count=len(found))
    return [replace(RequestView(*row), name=names.get(row[4], "")) for row in found]


def asked_of_us(viewer: Viewer, request_id: UUID) -> RequestView:
    """The gate of the one who answers. Raises NotFound."""
    row = DataRequest.objects.filter(id=request_id).values_list(*REQUEST, "answered_by").first()
    if row is None:
        raise NotFound
    found = RequestView(*row[:-1])
    record("data.request_read", by=viewer.actor, patient_id=found.patient_id, target=("data_request", str(request_id)))
    by_whom = User.objects.filter(id=row[-1]).values_list("name", flat=True).first() if row[-1] else ""
    names = _names({found.patient_id})
    return replace(found, name=names.get(found.patient_id, ""), by_whom=by_whom or "")


def _names(patient_ids: set[UUID]) -> Mapping[UUID, str]:
    return dict(Patient.objects.filter(id__in=patient_ids).values_list("id", "name")) if patient_ids else {}

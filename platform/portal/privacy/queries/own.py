"""A patient's own list of who looked at their record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from foundation.audit import record
from foundation.audit.queries import Cursor, Entry, Search, event, find, people
from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import PatientRef, Viewer
from foundation.registry import event_meanings
from foundation.tenancy import hospital_zone
from portal.access.queries import patient_for
from portal.privacy.looks import Around, Asked, Day, Line, Who, days_of, line_of, person_in
from portal.privacy.models import Question
from portal.privacy.queries.names import ids_of, names_of

PAGE = 50
LATELY = timedelta(days=30)
TIMES: dict[str, timedelta | None] = {"month": LATELY, "year": timedelta(days=366), "all": None}
# Roles are taken out rather than listed: a role that is new among staff is shown as staff.
BY_WHO: dict[Who, Search] = {
    Who.STAFF: Search(actor_kinds=("person",), not_actor_roles=("patient", "proxy", "operator", "app")),
    Who.FAMILY: Search(actor_kinds=("person",), actor_roles=("patient", "proxy")),
    Who.APP: Search(actor_roles=("app",)),
    Who.VENDOR: Search(actor_roles=("operator",)),
    Who.AUTOMATIC: Search(actor_kinds=("system",)),
}


@dataclass(frozen=True, slots=True)
class Looks:
    """A page of the list; `older` is where the next one begins; `lately` how many others looked in 30 days."""

    days: tuple[Day, ...]
    older: str
    lately: int


def looks_for(viewer: Viewer, *, own: bool = False, who: str = "", time: str = "all", before: str = "") -> Looks:
    """A page of the list, newest first. Raises NotFound for a filter or a cursor that there is not."""
    if (who and who not in BY_WHO) or time not in TIMES or (before and Cursor.read(before) is None):
        raise NotFound
    patient, ids = _opened(viewer)
    base = replace(BY_WHO[Who(who)] if who and not own else Search(), patient_ids=ids, not_kinds=unlisted())
    lasting = TIMES[time]
    since = now() - lasting if lasting else None
    mine, others = (viewer.user_id, None) if own else (None, viewer.user_id)
    search = replace(base, since=since, actor_id=mine, not_actor_id=others)
    page = find(search, before=Cursor.read(before) if before else None, limit=PAGE)
    lately = Search(patient_ids=ids, actor_kinds=("person",), not_actor_id=viewer.user_id, since=now() - LATELY,
                    kinds=look_kinds(), outcome="success")  # fmt: skip
    days = days_of(page.entries, _around(viewer, patient.id, page.entries))
    return Looks(days, str(page.older) if page.older else "", 0 if own or before else people(lately))


def look_for(viewer: Viewer, number: int) -> Line:
    """One event of the viewer's own record. Raises NotFound."""
    patient, ids = _opened(viewer)
    found = event(number, patient_ids=ids)
    if found is None:
        raise NotFound
    return line_of([found], _around(viewer, patient.id, [found]))


def _opened(viewer: Viewer) -> tuple[PatientRef, tuple[UUID, ...]]:
    patient = patient_for(viewer)
    record("audit.viewed", by=viewer.actor, patient_id=patient.id)
    return patient, ids_of(patient.id)


def _around(viewer: Viewer, patient_id: UUID, entries: tuple[Entry, ...] | list[Entry]) -> Around:
    names = names_of([*(e.on_behalf_of for e in entries), *map(person_in, entries)])
    asked = Question.objects.filter(patient_id=patient_id, event_id__in=[e.id for e in entries]).order_by("asked_at")
    questions = {q.event_id: Asked(q.id, q.answered_at is not None) for q in asked if q.event_id is not None}
    return Around(viewer.user_id, hospital_zone(), names, questions)


def unlisted() -> tuple[str, ...]:
    """Kinds that say what another event of the same moment says."""
    return tuple(kind for kind, meaning in event_meanings.items() if not meaning.listed)


def look_kinds() -> tuple[str, ...]:
    """Kinds that are looks at a part of a record."""
    return tuple(kind for kind, meaning in event_meanings.items() if meaning.look)

"""What the report found: cases of one person and one patient, the heaviest first; one finding; the last run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from foundation.audit import Actor, record
from foundation.errors import NotFound
from portal.privacy.models import Finding, Report
from portal.privacy.unusual import RULES

MOST = 300


@dataclass(frozen=True, slots=True)
class Why:
    """One rule's finding in words."""

    id: UUID
    title: str
    words: str
    weight: int
    day: date
    events: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Case:
    """All that is unusual between one person and one patient, or about one person alone."""

    person_id: UUID | None
    person: str
    patient_id: UUID | None
    patient: str
    state: str
    state_words: str
    note: str
    reviewed_by: str
    reviewed_at: datetime | None
    whys: tuple[Why, ...]

    @property
    def weight(self) -> int:
        return sum({why.title: why.weight for why in sorted(self.whys, key=lambda why: why.weight)}.values())

    @property
    def first(self) -> UUID:
        return self.whys[0].id

    @property
    def day(self) -> date:
        return max(why.day for why in self.whys)


def cases(by: Actor, *, state: str) -> list[Case]:
    """The cases in this state. An open one weighs as much as its rules together, each counted once."""
    if state not in Finding.State.values:
        raise NotFound
    rows = Finding.objects.filter(state=state).select_related("patient", "reviewed_by").order_by("-day", "-weight")
    found = _cases(rows[:MOST])
    record("unusual.viewed", by=by, count=len(found))
    if state == Finding.State.OPEN:
        found.sort(key=lambda case: (case.weight, case.day), reverse=True)
    return found


def case_of(by: Actor, finding_id: UUID) -> Case:
    """The case to which a finding belongs: those of the same person, patient and state. Raises NotFound."""
    row = Finding.objects.filter(pk=finding_id).first()
    if row is None:
        raise NotFound
    record("unusual.viewed", by=by, patient_id=row.patient_id, target=("finding", str(row.id)))
    alike = of_pair(row).filter(state=row.state)
    if row.state != Finding.State.OPEN:
        alike = alike.filter(reviewed_at=row.reviewed_at)
    return _cases(alike.select_related("patient", "reviewed_by").order_by("-weight", "-day")[:MOST])[0]


def of_pair(row: Finding) -> QuerySet[Finding]:
    """The findings about the same person and patient, this one among them."""
    return Finding.objects.filter(person_id=row.person_id, patient_id=row.patient_id)  # type: ignore[misc]


def _cases(rows: Iterable[Finding]) -> list[Case]:
    grouped: dict[tuple[object, ...], list[Finding]] = {}
    for row in rows:
        grouped.setdefault((row.person_id, row.patient_id, row.state, row.reviewed_at), []).append(row)
    return [_case(mine) for mine in grouped.values()]


def _case(rows: list[Finding]) -> Case:
    one = rows[0]
    whys = sorted((why_of(row) for row in rows), key=lambda why: (why.weight, why.day), reverse=True)
    return Case(
        person_id=one.person_id, person=one.person_name, patient_id=one.patient_id,
        patient=one.patient.name if one.patient else "", state=one.state,
        state_words=str(Finding.State(one.state).label), note=one.note,
        reviewed_by=one.reviewed_by.name if one.reviewed_by else "", reviewed_at=one.reviewed_at, whys=tuple(whys),
    )  # fmt: skip


def why_of(row: Finding) -> Why:
    rule = RULES.get(row.rule)
    title, words = (str(rule.title), rule.say(row.facts)) if rule else (row.rule, "")
    return Why(row.id, title, words, row.weight, row.day, tuple(row.event_ids), row.event_count)


def last_report() -> Report | None:
    return Report.objects.order_by("-until").first()


def open_cases() -> int:
    return Finding.objects.filter(state=Finding.State.OPEN).values("person_id", "patient_id").distinct().count()

"""The accounting of disclosures: what left the hospital in six years, for which the rule asks (45 CFR 164.528).

Two sources, one list: events of a kind that is declared as a disclosure (`EventMeaning.disclosed`), and what the
officer wrote down of other ways. What was for treatment, payment or the hospital's own work, and what the patient got
or asked for, is of no such kind, or not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from foundation.audit import Actor, record
from foundation.audit.queries import Entry, Search, each_page
from foundation.clock import now
from foundation.registry import event_meanings
from foundation.tenancy import hospital_zone
from portal.access.models import PatientUserObjectPermission
from portal.privacy.models import Disclosure
from portal.privacy.queries.names import ids_of

YEARS = 6


@dataclass(frozen=True, slots=True)
class Given:
    """One disclosure: when, to whom, what, why."""

    day: date
    recipient: str
    address: str
    what: str
    purpose: str


def first_day(today: date) -> date:
    """Six years before; February 29 becomes March 1."""
    try:
        return today.replace(year=today.year - YEARS)
    except ValueError:
        return date(today.year - YEARS, 3, 1)


def given_of(by: Actor, patient_id: UUID, *, event: str = "disclosures.viewed") -> list[Given]:
    """A patient's accounting, newest first. The read is noted; `event` says if it went into a file."""
    zone = hospital_zone()
    since = first_day(now().astimezone(zone).date())
    ids = ids_of(patient_id)
    written = list(Disclosure.objects.filter(patient_id__in=ids, made_on__gte=since))
    found = [_written(row) for row in written] + _recorded(ids, datetime.combine(since, time(), zone))
    for whose in sorted({patient_id, *(row.patient_id for row in written)}):
        record(event, by=by, patient_id=whose, count=len(found))
    return sorted(found, key=lambda given: (given.day, given.recipient), reverse=True)


def disclosing_kinds() -> tuple[str, ...]:
    return tuple(kind for kind, meaning in event_meanings.items() if meaning.disclosed is not None)


def _written(row: Disclosure) -> Given:
    purpose = str(Disclosure.Purpose(row.purpose).label)
    why = f"{purpose}: {row.why}" if row.why else purpose
    return Given(row.made_on, row.recipient, row.recipient_address, row.what, why)


def _recorded(ids: tuple[UUID, ...], since: datetime) -> list[Given]:
    kinds = disclosing_kinds()
    if not kinds:
        return []
    own = set(PatientUserObjectPermission.objects.filter(content_object__in=ids).values_list("user_id", flat=True))
    search = Search(patient_ids=ids, kinds=kinds, outcome="success", since=since)
    return [_of_event(e) for page in each_page(search) for e in page if e.actor_id is None or e.actor_id not in own]


def _of_event(entry: Entry) -> Given:
    disclosed = event_meanings.get(entry.kind).disclosed
    assert disclosed is not None  # disclosing_kinds has asked
    recipient = entry.target_id if entry.target_type == "recipient" else entry.actor_name
    day = entry.at.astimezone(hospital_zone()).date()
    return Given(day, recipient, "", str(disclosed.what), str(disclosed.purpose))

"""Making the report of unusual looks: gather, ask each rule, keep what is new."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from foundation.actions import about, action
from foundation.audit import Actor, record
from foundation.clock import now
from foundation.tenancy import hospital_zone
from portal.privacy.models import Finding, Report
from portal.privacy.queries.ground import gather
from portal.privacy.unusual import RULES
from portal.privacy.unusual.rule import MOST_EVENTS, Found, Rule

FIRST, LONGEST = timedelta(days=7), timedelta(days=35)
EXPLAINED_FOR = timedelta(days=365)
type Key = tuple[str, UUID | None, UUID | None, date]


@action(event="unusual.reported")
def make_report(*, by: Actor) -> Report:
    """Looks at everything since the day of the report before. May be made at any time, and as often as one likes."""
    until = now()
    since = _since(until)
    ground, off = gather(since, until)
    found = [(rule, one) for rule in RULES.values() if rule.key not in off for one in rule.look(ground)]
    kept = _keep(found, since)
    seen = {patient for pair in ground.same_address for patient in pair}
    for patient_id in sorted(seen | {finding.patient_id for finding in kept if finding.patient_id}):
        record("unusual.found", by=by, patient_id=patient_id)
    report = Report.objects.create(
        since=since, until=until, made_by=by.name[:150], looks=sum(looked.count for looked in ground.looks),
        found=len(kept), off=dict(off),
    )  # fmt: skip
    about(target=("report", str(report.id)), count=len(kept))
    return report


def _since(until: datetime) -> datetime:
    """The midnight, in the hospital's zone, that begins the day on which the last report ended."""
    last = Report.objects.order_by("-until").values_list("until", flat=True).first()
    begun = max(last or until - FIRST, until - LONGEST).astimezone(hospital_zone()).date()
    return datetime.combine(begun, time(), hospital_zone())


def _keep(found: list[tuple[Rule, Found]], since: datetime) -> list[Finding]:
    """Those that are new. What stands open already takes the new events up; what was reviewed stays as it is."""
    days = {one.day for _rule, one in found}
    standing = {_key(row): row for row in Finding.objects.filter(day__in=days)}
    explained = _explained(since)
    fresh: dict[Key, Finding] = {}
    for rule, one in found:
        key = (rule.key, one.person, one.patient, one.day)
        if rule.lasting and (rule.key, one.person, one.patient) in explained:
            continue
        if (row := standing.get(key)) is not None:
            _take_up(row, one)
        else:
            fresh[key] = Finding(
                rule=rule.key, person_id=one.person, person_name=one.name[:150], patient_id=one.patient, day=one.day,
                weight=one.weight, facts=dict(one.facts), event_ids=list(one.events), event_count=one.count,
            )  # fmt: skip
    return Finding.objects.bulk_create(fresh.values())


def _key(row: Finding) -> Key:
    return row.rule, row.person_id, row.patient_id, row.day


def _take_up(row: Finding, one: Found) -> None:
    if row.state == Finding.State.OPEN and one.count > row.event_count:
        row.event_ids = sorted({*row.event_ids, *one.events})[:MOST_EVENTS]
        row.event_count, row.weight, row.facts = one.count, one.weight, dict(one.facts)
        row.save(update_fields=["event_ids", "event_count", "weight", "facts"])


def _explained(since: datetime) -> set[tuple[Any, ...]]:
    """For whom which rule has been explained in the last year."""
    held = Finding.objects.filter(state=Finding.State.EXPLAINED, reviewed_at__gte=since - EXPLAINED_FOR)
    return set(held.values_list("rule", "person_id", "patient_id"))

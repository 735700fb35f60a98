"""What is done to all chains now and then: anchoring their ends, verifying them, comparing clocks.

Each place is looked at by itself: one that fails raises its alarm, and the others go on. Suspended hospitals have no
tasks of their own, and their chains are looked at all the same.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection

from foundation import clock
from foundation.audit.alarms import raise_alarm
from foundation.audit.anchors import AnchorFailed, AuditAnchor
from foundation.audit.clocks import offset_of_time_service
from foundation.audit.heads import Point, anchor_here, last_anchored
from foundation.audit.models import AuditVerified
from foundation.audit.verify import Report, verify, verify_slice
from foundation.logs import get_logger
from foundation.tasks import every_place
from foundation.tenancy import HospitalRecord, inside, inside_public

log = get_logger(__name__)
LATE_AFTER = 6
SLICE = 50_000


def anchor_everywhere(anchor: AuditAnchor) -> int:
    """Puts every chain's end outside. The number of those that had news; each failure is an alarm."""
    news, codes = 0, []
    places = every_place()
    for place in places:
        with inside(place):
            try:
                news += anchor_here(anchor)
            except Exception as error:
                codes.append(error.code if isinstance(error, AnchorFailed) else type(error).__name__)
                log.exception("audit.anchor_failed", schema=place.schema_name)
                _late(place)
    if codes:
        with inside_public():
            raise_alarm("audit.anchor_failed", detail=f"{len(codes)} of {len(places)}: {codes[0]}")
    return news


def _late(place: HospitalRecord) -> None:
    """Here too, for the hospital's own people, once nothing has been put outside for half an hour."""
    edge = clock.now() - timedelta(seconds=LATE_AFTER * settings.PORTICO_AUDIT_ANCHOR_SECONDS)
    if (last := last_anchored()) is None or last < edge:
        raise_alarm("audit.anchor_failed", target=place.schema_name, detail="late")


def late_places() -> list[HospitalRecord]:
    """Where nothing was put outside for too long, whether because it failed or because nobody tried."""
    edge = clock.now() - timedelta(seconds=LATE_AFTER * settings.PORTICO_AUDIT_ANCHOR_SECONDS)
    late = []
    for place in every_place():
        with inside(place):
            if (last := last_anchored()) is not None and last < edge:
                late.append(place)
    return late


def verify_everywhere(anchor: AuditAnchor) -> list[Report]:
    """The daily look at every chain: what is new since the last look, and a slice of what is old."""
    reports = []
    for place in every_place():
        with inside(place):
            try:
                reports += verify_here(anchor)
            except Exception as error:
                log.exception("audit.verify_failed", schema=place.schema_name)
                raise_alarm("audit.anchor_failed", target=place.schema_name, detail=type(error).__name__)
    for place in late_places():
        with inside(place):
            raise_alarm("audit.anchor_failed", target=place.schema_name, detail="late")
    return reports


def verify_here(anchor: AuditAnchor, *, size: int = SLICE) -> list[Report]:
    """Of where we stand. What is wrong is an alarm, and is looked at again the next time from the same point."""
    state, _new = AuditVerified.objects.get_or_create(id=1)
    start = Point(state.sequence, bytes(state.hash)) if state.hash else None
    fresh = verify(anchor, start=start)
    reports = [fresh]
    _tell(fresh)
    values: dict[str, object] = {"checked_at": clock.now()}
    if fresh.good:
        values |= {"sequence": fresh.reached.sequence, "hash": fresh.reached.hash}
    if fresh.good and start is not None:
        slice_ = verify_slice(anchor, state.round_at, size)
        reports.append(slice_)
        _tell(slice_)
        round_over = slice_.checked < size
        values |= {"round_at": 0 if round_over or not slice_.good else slice_.reached.sequence}
        values |= {"whole_at": clock.now()} if round_over and slice_.good else {}
    elif fresh.good:
        values |= {"whole_at": clock.now()}
    AuditVerified.objects.filter(id=1).update(**values)
    return reports


def _tell(report: Report) -> None:
    if report.finding:
        detail = f"{report.finding.code}: {report.finding.words}"
        raise_alarm("audit.chain_broken", target=f"{report.schema} {report.finding.sequence}", detail=detail)


def compare_clocks() -> float:
    """Seconds by which this process' clock and the database's differ, and an alarm where they are too many (S57).

    Events are ordered by their numbers, never by their time; but people read the time.
    """
    with inside_public():
        with connection.cursor() as cursor:
            before = clock.now()
            cursor.execute("SELECT clock_timestamp()")
            theirs = cursor.fetchone()[0]
            after = clock.now()
        between = before + (after - before) / 2
        offset: float = (between - theirs).total_seconds()
        limit = settings.PORTICO_CLOCK_SECONDS
        if abs(offset) > limit + (after - before).total_seconds():
            raise_alarm("clock.skew", target="database", detail=f"{offset:+.1f} s")
        ntp = offset_of_time_service()
        if ntp is not None and (not ntp.synchronised or abs(ntp.seconds) > limit):
            raise_alarm("clock.skew", target=ntp.source, detail=ntp.words)
    return offset

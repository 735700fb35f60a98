"""The end of old events: what is older than PORTICO_AUDIT_YEARS goes, and the chain still proves what stays.

What is to go is verified first: events that were tampered with are evidence, and stay. Then a checkpoint (number and
hash of the last event that goes, signed) is put outside, and in one transaction with the owner's rights the checkpoint
is written and the events are removed. Verification begins at the newest checkpoint. One job of the provisioner.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from foundation import clock
from foundation.actions import about, action
from foundation.audit import signing
from foundation.audit.actor import Actor
from foundation.audit.alarms import raise_alarm
from foundation.audit.anchors import AnchorFailed, AuditAnchor, open_anchor
from foundation.audit.heads import Point, checkpoint
from foundation.audit.models import AuditCheckpoint, AuditEvent
from foundation.audit.verify import verify_until
from foundation.database import as_owner
from foundation.logs import get_logger
from foundation.tasks import every_place
from foundation.tenancy import current_schema, inside, standing

log = get_logger(__name__)
JOB = "audit.retention"
YEAR = timedelta(days=366)


def run(*, by: Actor) -> dict[str, Any]:
    """The provisioner's job: every chain, one by one. How many events went, by schema."""
    anchor = open_anchor()
    removed: dict[str, Any] = {}
    for place in every_place():
        with inside(place):
            try:
                if gone := trim_here(anchor, by=by):
                    removed[place.schema_name] = gone
            except AnchorFailed as error:
                log.exception("audit.trim_failed", schema=place.schema_name)
                raise_alarm("audit.anchor_failed", target=place.schema_name, detail=error.code)
    return removed


def trim_here(anchor: AuditAnchor, *, by: Actor) -> int:
    """Removes what is too old where we stand. The number of events; none where the chain is not as written."""
    last = _last_that_goes()
    if last is None:
        return 0
    report = verify_until(anchor, last.sequence)
    if report.finding:
        where = f"{report.schema} {report.finding.sequence}"
        raise_alarm("audit.chain_broken", target=where, detail=f"{report.finding.code}: {report.finding.words}")
        return 0
    with as_owner():
        return _trim(by=by, anchor=anchor, last=last)


def _last_that_goes() -> Point | None:
    """The newest event before the first that must stay. Walks from the oldest, so it costs what there is to remove."""
    edge = clock.now() - settings.PORTICO_AUDIT_YEARS * YEAR
    stays = AuditEvent.objects.filter(at__gte=edge).order_by("id").values_list("id", flat=True).first()
    if stays is None:
        return None
    found = AuditEvent.objects.filter(id__lt=stays).order_by("-id").values_list("id", "hash").first()
    return Point(found[0], bytes(found[1] or b"")) if found else None


@action(event="audit.trimmed")
def _trim(*, by: Actor, anchor: AuditAnchor, last: Point) -> int:
    place, before = standing(), checkpoint()
    hospital = str(place.id) if place else ""
    gone = AuditEvent.objects.filter(id__lte=last.sequence).count()
    head = signing.Head(current_schema(), hospital, last.sequence, last.hash, clock.now(),
                        gone + (before.removed if before else 0), "checkpoint")  # fmt: skip
    signed = signing.sign(head)
    anchor.put(head.schema, head.sequence, signed)
    AuditCheckpoint.objects.create(
        sequence=head.sequence, hash=head.hash, removed=head.count, made_at=head.at, signed=signed
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portico.audit_retention = 'on'")
        cursor.execute("DELETE FROM audit_event WHERE id <= %s", [last.sequence])
        cursor.execute("SET LOCAL portico.audit_retention = 'off'")
    about(target=("checkpoint", str(last.sequence)), count=gone)
    return gone

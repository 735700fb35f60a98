"""The ends of chains: as the database holds them, and as they lie outside, signed."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from foundation import clock
from foundation.audit import signing
from foundation.audit.anchors import AuditAnchor, Place
from foundation.audit.chain import BEGINNING
from foundation.audit.models import AuditCheckpoint, AuditEvent, AuditHead, AuditVerified
from foundation.tenancy import PUBLIC, inside_public, standing

NEWEST, SPREAD = 200, 800
BREAKS = ".breaks"


@dataclass(frozen=True, slots=True)
class Point:
    """An event and its hash: what the next one must follow."""

    sequence: int
    hash: bytes


START = Point(0, BEGINNING)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lies outside about one chain: heads by their number, checkpoints, and what is not signed by us."""

    heads: dict[int, signing.Head] = field(default_factory=dict)
    checkpoints: dict[int, str] = field(default_factory=dict)
    problem: tuple[int, str] | None = None
    notes: tuple[str, ...] = ()

    @property
    def newest(self) -> int:
        return max(self.heads, default=0)


NOTHING = Evidence()


def stored_head() -> Point | None:
    """Where the chain's head stands: at most some thirty events behind the last one. None where somebody removed it."""
    found = AuditHead.objects.values_list("sequence", "hash").first()
    return Point(found[0], bytes(found[1])) if found else None


def last_event() -> Point:
    """The newest event; where there is none, what the next one must follow."""
    found = AuditEvent.objects.order_by("-id").values_list("id", "hash").first()
    return Point(found[0], bytes(found[1] or b"")) if found else stored_head() or START


def checkpoint() -> AuditCheckpoint | None:
    """The newest one: events up to it were removed."""
    return AuditCheckpoint.objects.order_by("-sequence").first()


def head_here(use: signing.Use = "head") -> signing.Head:
    """The end of the chain of where we stand, now."""
    place, point, kept = standing() or PUBLIC, last_event(), checkpoint()
    count = point.sequence - (kept.sequence if kept else 0)
    return signing.Head(place.schema_name, str(place.id), point.sequence, point.hash, clock.now(), count, use)


def anchor_here(anchor: AuditAnchor) -> bool:
    """Puts the signed end of the chain outside, unless it lies there already. True where there was anything to put.

    Raises AnchorFailed.
    """
    head = head_here()
    state = AuditVerified.objects.filter(id=1)
    known = state.values_list("anchored", flat=True).first()
    news = known != head.sequence
    if news:
        anchor.put(head.schema, head.sequence, signing.sign(head))
    state.update(anchored=head.sequence, anchored_at=head.at)
    return news


def evidence(anchor: AuditAnchor, schema: str, *, after: int = -1, until: int | None = None) -> Evidence:
    """Reads what lies outside of one chain: the newest heads, and of a long row of older ones some hundred.

    Each head proves all that was before it, so that one that is right is enough for an honest end; the others show
    from when on a chain was written anew. Raises AnchorFailed.
    """
    places = [place for place in anchor.places(schema, after=after) if until is None or place.sequence <= until]
    found, notes = Evidence(), set()
    breaks = _breaks(anchor, schema)
    heads, checkpoints, problem = found.heads, found.checkpoints, None
    for place in _chosen(places):
        text = anchor.get(schema, place)
        try:
            head = signing.read(text)
        except signing.BadSignature:
            problem = problem or (place.sequence, f"The anchor at event {place.sequence} is not signed by us.")
            continue
        if head.schema != schema or head.sequence != place.sequence:
            problem = problem or (place.sequence, f"The anchor at event {place.sequence} belongs to another place.")
        elif _of_an_earlier_hospital(head):
            notes.add("Anchors of an earlier hospital of this name, which was deleted, were left out.")
        elif known := next((one for one in breaks if one.at > head.at and one.sequence < head.sequence), None):
            notes.add(
                f"On {known.at:%Y-%m-%d} it was accepted that a restore had lost the events after {known.sequence}."
            )
        elif head.use == "checkpoint":
            checkpoints[head.sequence] = text
        elif head.sequence in heads and heads[head.sequence].hash != head.hash:
            problem = problem or (head.sequence, f"The anchor knows event {head.sequence} by two different hashes.")
        else:
            heads[head.sequence] = head
    return Evidence(heads, checkpoints, problem, tuple(sorted(notes)))


def _breaks(anchor: AuditAnchor, schema: str) -> list[signing.Head]:
    """What was accepted after restores (`foundation.audit.breaks`). Only what we signed counts."""
    found = []
    for place in anchor.places(schema + BREAKS):
        with contextlib.suppress(signing.BadSignature):
            head = signing.read(anchor.get(schema + BREAKS, place))
            if (head.use, head.schema) == ("break", schema):
                found.append(head)
    return found


def _chosen(places: Sequence[Place]) -> list[Place]:
    """The newest, and of the others some, evenly spread."""
    older, newest = places[:-NEWEST], places[-NEWEST:]
    step = max(1, len(older) // SPREAD)
    return [*older[::step], *newest]


def _of_an_earlier_hospital(head: signing.Head) -> bool:
    """A hospital of this name was deleted after this head was signed, as the vendor's own record says."""
    place = standing()
    if place is None or place.schema_name == PUBLIC.schema_name or head.hospital == str(place.id):
        return False
    with inside_public():
        deleted = AuditEvent.objects.filter(
            kind="hospital.deleted", target_type="hospital", target_id=place.slug, outcome="success", at__gte=head.at
        )
        return deleted.exists()


def last_anchored() -> datetime | None:
    """When the chain of where we stand was last found in safe keeping; if never, when it began. None: it is empty."""
    found = AuditVerified.objects.values_list("anchored_at", flat=True).first()
    return found or AuditEvent.objects.order_by("id").values_list("at", flat=True).first()

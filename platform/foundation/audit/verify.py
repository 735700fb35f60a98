"""Walking a chain and saying which event is the first that is not as it was written.

Nothing here asks the database what a hash should be: each is computed anew (`foundation.audit.chain`). What the chain
alone cannot show, that its newest events were cut off or that all of it was written anew, the signed heads outside do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from foundation.audit import signing
from foundation.audit.anchors import AuditAnchor
from foundation.audit.chain import Link, as_text, hash_of
from foundation.audit.heads import NOTHING, START, Evidence, Point, checkpoint, evidence, last_event, stored_head
from foundation.audit.models import AuditCheckpoint
from foundation.tenancy import current_schema

BATCH = 2000
FARTHEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, with the number of the first bad event. `code` is for programs, `words` for people."""

    sequence: int
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """How one chain fared. `reached` is the last event that is right."""

    schema: str
    checked: int
    began: int
    reached: Point
    anchored: int
    finding: Finding | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def good(self) -> bool:
        return self.finding is None


def links(after: int, until: int = FARTHEST) -> Iterator[Link]:
    """The events beyond a number, in order, some thousand at a time and without a long transaction."""
    wanted = ", ".join(as_text())
    statement = (
        f"SELECT id, previous_hash, hash, {wanted} FROM audit_event "  # noqa: S608  (words of ours)
        "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
    )
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [after, until, BATCH])
            rows = cursor.fetchall()
        for row in rows:
            yield Link(row[0], _bytes(row[1]), _bytes(row[2]), row[3:])
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def verify(anchor: AuditAnchor, *, start: Point | None = None) -> Report:
    """Verifies where we stand: all of it, or what comes after a point that was found right before."""
    schema = current_schema()
    known = evidence(anchor, schema, after=start.sequence if start else -1)
    first, problem = _beginning(known)
    if problem:
        return Report(schema, 0, first.sequence, first, known.newest, problem, known.notes)
    if start is not None and start.sequence > first.sequence:
        first, problem = start, _still_there(start)
    else:
        problem = _too_early(first)
    head, until = stored_head(), last_event().sequence
    walked = Walk(schema, first, known)
    problem = problem or walked.go(until) or _ending(walked, head, known)
    return Report(schema, walked.checked, first.sequence + 1, walked.at, known.newest, problem, known.notes)


def verify_slice(anchor: AuditAnchor, after: int, count: int) -> Report:
    """Verifies `count` events beyond a number, taking the event at that number for right."""
    schema = current_schema()
    first, _problem = _beginning(NOTHING)
    if after > first.sequence:
        found = next(links(after - 1, after), None)
        first = Point(after, (found.hash if found else None) or b"")
    known = evidence(anchor, schema, after=first.sequence, until=first.sequence + count)
    walked = Walk(schema, first, known)
    problem = walked.go(min(first.sequence + count, last_event().sequence))
    return Report(schema, walked.checked, first.sequence + 1, walked.at, known.newest, problem, known.notes)


def verify_until(anchor: AuditAnchor, sequence: int) -> Report:
    """Everything from the beginning, or the checkpoint, to this event."""
    first, problem = _beginning(evidence(anchor, current_schema()))
    report = verify_slice(anchor, 0, max(0, sequence - first.sequence))
    return replace(report, finding=problem or _too_early(first) or report.finding)


def _beginning(known: Evidence) -> tuple[Point, Finding | None]:
    """What the first event must follow: nothing, or the checkpoint up to which old events were removed."""
    kept = checkpoint()
    if kept is None:
        return START, None
    point = Point(kept.sequence, bytes(kept.hash))
    return point, _wrong_with(kept, point, known)


def _wrong_with(kept: AuditCheckpoint, point: Point, known: Evidence) -> Finding | None:
    number = kept.sequence
    try:
        said = signing.read(kept.signed)
    except signing.BadSignature:
        return Finding(number, "signature", f"The checkpoint at event {number} is not signed by us.")
    meant = ("checkpoint", current_schema(), number, point.hash)
    if (said.use, said.schema, said.sequence, said.hash) != meant:
        return Finding(number, "checkpoint", f"The checkpoint at event {number} was changed.")
    if known.checkpoints and kept.signed not in known.checkpoints.values():
        return Finding(number, "checkpoint", f"The anchor does not know the checkpoint at event {number}.")
    return None


def _still_there(start: Point) -> Finding | None:
    """The event at which the last verification ended has not changed since."""
    found = next(links(start.sequence - 1, start.sequence), None)
    if found is None:
        return Finding(start.sequence, "missing", f"Event {start.sequence} is gone. It was there at the last check.")
    if found.hash != start.hash:
        return Finding(start.sequence, "changed", f"Event {start.sequence} was changed since the last check.")
    return None


def _too_early(first: Point) -> Finding | None:
    """An event at or before the beginning, or a checkpoint up to which all were removed."""
    early = next(links(-FARTHEST, first.sequence), None)
    if early is None:
        return None
    where = f"the checkpoint at {first.sequence}, up to which all were removed" if first.sequence else "the first one"
    return Finding(early.sequence, "inserted", f"Event {early.sequence} stands before {where}.")


class Walk:
    """From event to event. `at` is the last one that was right."""

    def __init__(self, schema: str, start: Point, known: Evidence) -> None:
        self.schema, self.start, self.at, self.known = schema, start, start, known
        self.checked, self.proved = 0, start.sequence

    def go(self, until: int) -> Finding | None:
        for link in links(self.start.sequence, until):
            if problem := self._look(link):
                return problem
            self.checked += 1
            self.at = Point(link.sequence, link.hash or b"")
        return None

    def _look(self, link: Link) -> Finding | None:
        number, due = link.sequence, self.at.sequence + 1
        if number > due:
            gone = f"Event {due} is" if number == due + 1 else f"Events {due} to {number - 1} are"
            return Finding(due, "missing", f"{gone} missing: event {number} comes after event {due - 1}.")
        if link.hash is None or link.previous is None:
            return Finding(number, "inserted", f"Event {number} was inserted past the chain: it has no hash.")
        if hash_of(self.schema, link, link.previous) != link.hash:
            return Finding(number, "changed", f"Event {number} was changed after it was written.")
        if link.previous != self.at.hash:
            return self._does_not_follow(number)
        return self._as_anchored(number, link.hash)

    def _does_not_follow(self, number: int) -> Finding:
        if number - 1 == self.start.sequence:
            return Finding(number, "changed", f"Event {number} does not follow what must stand before it.")
        return Finding(
            number - 1, "changed",
            f"Event {number - 1} was changed and its hash made anew: event {number} followed another one.",
        )  # fmt: skip

    def _as_anchored(self, number: int, found: bytes) -> Finding | None:
        expected = self.known.heads.get(number)
        if expected is None:
            return None
        if expected.hash == found:
            self.proved = number
            return None
        first = self.proved + 1
        which = f"Event {number} was" if first == number else f"Events {first} to {number} were, all or some of them,"
        return Finding(
            first, "rewritten",
            f"{which} written anew: the anchor of {expected.at:%Y-%m-%d %H:%M} UTC knows event {number} by another "
            "hash.",
        )  # fmt: skip


def _ending(walked: Walk, head: Point | None, known: Evidence) -> Finding | None:
    """The end of the chain against its head row and against what lies outside."""
    last = walked.at
    if known.problem:
        return Finding(known.problem[0], "signature", known.problem[1])
    newest = known.heads.get(known.newest)
    if newest and newest.sequence > last.sequence:
        return Finding(
            last.sequence + 1, "cut_off",
            f"The end was cut off before event {last.sequence + 1}: the anchor of {newest.at:%Y-%m-%d %H:%M} UTC "
            f"has seen event {newest.sequence}.",
        )  # fmt: skip
    if head is None:
        return Finding(last.sequence, "head", f"The chain's head, near event {last.sequence}, is gone.")
    if head.sequence > last.sequence:
        return Finding(
            last.sequence + 1, "cut_off",
            f"The end was cut off before event {last.sequence + 1}: the chain's head has seen event {head.sequence}.",
        )  # fmt: skip
    return _head_fits(walked, head)


def _head_fits(walked: Walk, head: Point) -> Finding | None:
    """The head knows the event at which it stands, unless that one went behind a checkpoint since."""
    if head.sequence == walked.start.sequence:
        known: bytes | None = walked.start.hash
    else:
        found = next(links(head.sequence - 1, head.sequence), None)
        known = found.hash if found else None
    if known in (None, head.hash):
        return None
    return Finding(head.sequence, "head", f"The chain's head knows event {head.sequence} by another hash.")

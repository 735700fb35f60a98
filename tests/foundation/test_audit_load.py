"""The chain under load: many writers at once, real commits, rollbacks among them, and not one false break (S54)."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction

from foundation.actions import action
from foundation.audit import Actor, Where, open_trail, record
from foundation.audit.anchors.file import FileAnchor
from foundation.audit.heads import anchor_here, last_event
from foundation.audit.models import AuditEvent
from foundation.audit.verify import verify
from foundation.database import as_owner
from foundation.errors import Conflict
from foundation.registry import event_kinds
from foundation.tenancy import HospitalRecord, inside
from tenants.queries import hospital_by_slug
from tests.foundation.test_audit_chain import attack

event_kinds.register("test.done", "Something was done")
WRITERS = 8
BY = Actor("person", uuid4(), "Alice", "patient")


@pytest.fixture
def busy(lasting_database: None) -> Iterator[HospitalRecord]:
    """Mercy with real commits. Afterwards its chain is as it was."""
    place = hospital_by_slug("mercy")
    assert place is not None
    with inside(place):
        before = last_event()
    yield place
    with inside(place):
        attack("DELETE FROM audit_event WHERE id > %s", before.sequence)
        attack("UPDATE audit_head SET sequence = %s, hash = %s", before.sequence, before.hash)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_verified SET sequence = 0, hash = NULL, anchored = 0")


@action(event="test.done")
def nested(*, by: Actor, depth: int) -> None:
    if depth:
        nested(by=by, depth=depth - 1)


def one(dice: random.Random) -> int:
    """A request: some reads, or a write with others in it, or one that is rolled back. The events that stay."""
    kind = dice.random()
    if kind < 0.1:
        try:
            with transaction.atomic():
                nested(by=BY, depth=1)
                raise Conflict
        except Conflict:
            return 0
    if kind < 0.3:
        depth = dice.randint(0, 3)
        nested(by=BY, depth=depth)
        return depth + 1
    count = dice.randint(1, 6)
    with open_trail(Where(uuid4().hex)):
        for number in range(count):
            record("test.done", by=BY, patient_id=uuid4(), count=number)
    return count


def write(place: HospitalRecord, number: int, wanted: int, written: list[int], errors: list[BaseException]) -> None:
    dice = random.Random(number)
    try:
        with inside(place):
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit TO off")  # the disk is not what is tried here
            while written[number] < wanted:
                written[number] += one(dice)
    except BaseException as error:
        errors.append(error)
    finally:
        connection.close()


def load(place: HospitalRecord, folder: Path, events: int) -> None:
    anchor, written = FileAnchor(folder), [0] * WRITERS
    errors: list[BaseException] = []
    with inside(place):
        start = last_event()
    threads = [
        threading.Thread(target=write, args=(place, number, events // WRITERS, written, errors))
        for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    with inside(place):
        while any(thread.is_alive() for thread in threads):
            anchor_here(anchor)
            report = verify(anchor)  # while they write: what is half done is never taken for a break
            assert report.good, report.finding
    for thread in threads:
        thread.join()
    assert not errors, errors[0]
    with inside(place):
        anchor_here(anchor)
        report = verify(anchor)
        assert report.good, report.finding
        assert report.reached.sequence - start.sequence == sum(written) >= events
        assert AuditEvent.objects.filter(id__gt=start.sequence).count() == sum(written)


@pytest.mark.security("S54")
def test_eight_writers_break_no_chain(busy: HospitalRecord, tmp_path: Path) -> None:
    load(busy, tmp_path, 2_000)


@pytest.mark.slow
@pytest.mark.security("S54")
def test_eight_writers_and_twenty_thousand_events_break_no_chain(busy: HospitalRecord, tmp_path: Path) -> None:
    load(busy, tmp_path, 20_000)

"""Old events go when their years are over, and the chain still proves the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from foundation import clock
from foundation.audit import Actor, heads, retention
from foundation.audit.alarms import open_alarms
from foundation.audit.anchors import AnchorFailed
from foundation.audit.anchors.file import FileAnchor
from foundation.audit.heads import anchor_here
from foundation.audit.models import AuditCheckpoint, AuditEvent
from foundation.audit.verify import verify
from foundation.registry import provisioner_jobs
from foundation.tenancy import HospitalRecord, inside, inside_public
from tests.foundation.test_audit_chain import attack, write

BY = Actor.system("retention")
OLD, YOUNG = timedelta(days=6 * 366 + 1), timedelta(days=6 * 366 - 1)


@pytest.fixture
def anchor(tmp_path: Path, settings: Any) -> FileAnchor:
    settings.PORTICO_AUDIT_ANCHOR_FOLDER = tmp_path
    return FileAnchor(tmp_path)


@pytest.fixture
def old(in_mercy: HospitalRecord, anchor: FileAnchor, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ten events of more than six years ago after those of the making, and five younger ones. The last old number."""
    attack("DELETE FROM audit_event WHERE id > 0")
    attack("UPDATE audit_head SET sequence = 0, hash = %s", bytes(32))
    true = clock.now
    for count, age in ((10, OLD), (5, YOUNG)):
        monkeypatch.setattr(clock, "now", lambda age=age: true() - age)
        write(count)
    monkeypatch.setattr(clock, "now", true)
    anchor_here(anchor)
    return 10


def ids() -> list[int]:
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.security("S53")
def test_what_is_too_old_goes_and_the_rest_is_still_proved(old: int, anchor: FileAnchor) -> None:
    assert retention.trim_here(anchor, by=BY) == old
    assert ids() == [11, 12, 13, 14, 15, 16], "the last one says that events were removed"
    report = verify(anchor)
    assert report.good, report.finding
    assert (report.began, report.checked) == (11, 6)
    (event,) = AuditEvent.objects.filter(kind="audit.trimmed")
    assert (event.target_id, event.item_count, event.actor_name) == ("10", 10, "retention")
    assert retention.trim_here(anchor, by=BY) == 0
    anchor_here(anchor)
    assert verify(anchor).good


def test_a_second_checkpoint_takes_the_place_of_the_first(
    old: int, anchor: FileAnchor, monkeypatch: pytest.MonkeyPatch
) -> None:
    retention.trim_here(anchor, by=BY)
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(days=10))
    write(2)
    assert retention.trim_here(anchor, by=BY) == 5
    assert [one.removed for one in AuditCheckpoint.objects.order_by("sequence")] == [10, 15]
    assert verify(anchor).good


@pytest.mark.security("S53")
def test_a_checkpoint_that_was_made_up_or_changed_is_found(old: int, anchor: FileAnchor) -> None:
    retention.trim_here(anchor, by=BY)
    attack("DELETE FROM audit_event WHERE id = 11")
    attack("UPDATE audit_checkpoint SET sequence = 11, hash = (SELECT previous_hash FROM audit_event WHERE id = 12)")
    finding = verify(anchor).finding
    assert finding
    assert (finding.sequence, finding.code) == (11, "checkpoint")


@pytest.mark.security("S53")
def test_old_events_that_come_back_and_a_checkpoint_that_is_gone_are_found(old: int, anchor: FileAnchor) -> None:
    retention.trim_here(anchor, by=BY)
    attack("UPDATE audit_event SET id = 5 WHERE id = 16")
    finding = verify(anchor).finding
    assert finding
    assert (finding.sequence, finding.code) == (5, "inserted")
    attack("UPDATE audit_event SET id = 16 WHERE id = 5")
    attack("DELETE FROM audit_checkpoint")
    finding = verify(anchor).finding
    assert finding
    assert (finding.sequence, finding.code) == (1, "missing")


@pytest.mark.security("S53")
def test_what_was_tampered_with_is_evidence_and_stays(old: int, anchor: FileAnchor) -> None:
    attack("UPDATE audit_event SET reason = 'x' WHERE id = 4")
    assert retention.trim_here(anchor, by=BY) == 0
    assert len(ids()) == 15
    assert [(one.kind, one.target) for one in open_alarms()] == [("audit.chain_broken", "h_mercy 4")]


def test_where_the_checkpoint_cannot_be_put_outside_nothing_goes(
    old: int, anchor: FileAnchor, monkeypatch: pytest.MonkeyPatch, mercy: HospitalRecord
) -> None:
    def full(*_given: object) -> None:
        raise AnchorFailed("OSError")

    monkeypatch.setattr(FileAnchor, "put", full)
    with inside_public():
        assert retention.run(by=BY) == {}
    with inside(mercy):
        assert len(AuditEvent.objects.filter(id__lte=10)) == 10
        assert heads.checkpoint() is None
        assert [one.kind for one in open_alarms()] == ["audit.anchor_failed"]


@pytest.mark.security("S52")
def test_only_the_job_removes_events(old: int, anchor: FileAnchor) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        attack("DELETE FROM audit_event WHERE id = 1", hidden=False)


def test_the_provisioner_knows_the_job(old: int, anchor: FileAnchor) -> None:
    with inside_public():
        assert provisioner_jobs.get("audit.retention")(by=BY) == {"h_mercy": 10}

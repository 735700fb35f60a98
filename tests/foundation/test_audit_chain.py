"""A chain that somebody with all rights of the database changed: the first bad event is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from foundation import clock
from foundation.actions import about, action
from foundation.audit import Actor, Where, open_trail, record, signing
from foundation.audit.anchors.file import FileAnchor
from foundation.audit.chain import BEGINNING, FIELDS, Link, hash_of
from foundation.audit.heads import anchor_here, head_here, last_event, stored_head
from foundation.audit.models import AuditEvent
from foundation.audit.verify import Report, links, verify
from foundation.database import as_owner
from foundation.errors import Conflict
from foundation.registry import event_kinds
from foundation.tenancy import HospitalRecord, inside, inside_public

BY = Actor("person", uuid4(), "Alice Ünal", "patient")
event_kinds.register("test.done", "Something was done")


@pytest.fixture
def anchor(tmp_path: Path) -> FileAnchor:
    return FileAnchor(tmp_path)


@pytest.fixture
def chain(in_mercy: HospitalRecord, anchor: FileAnchor) -> int:
    """Forty events more, anchored. The number of the last."""
    write(40)
    anchor_here(anchor)
    return last_event().sequence


def write(count: int, **more: Any) -> None:
    with open_trail(Where("req-1", "2001:db8::1", "Browser")):
        for number in range(count):
            record("test.done", by=BY, patient_id=uuid4(), reason=f"Nr. {number} “ü”", count=number, **more)


def attack(sql: str, *parameters: Any, hidden: bool = True) -> None:
    """As somebody who owns the database, with the triggers out of the way."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        if hidden:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)
        if hidden:
            cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")


def chained_anew(since: int) -> None:
    """What an attacker who has read the sources does afterwards: every hash from there on fits again."""
    where = connection.schema_name  # type: ignore[attr-defined]
    before = next(links(since - 2, since - 1), None)
    previous = before.hash if before and before.hash else BEGINNING
    for link in list(links(since - 1)):
        made = hash_of(where, link, previous)
        attack("UPDATE audit_event SET previous_hash = %s, hash = %s WHERE id = %s", previous, made, link.sequence)
        attack("UPDATE audit_head SET hash = %s, previous = %s, sequence = %s", made, previous, link.sequence)
        previous = made


def found(report: Report) -> tuple[str, int]:
    assert report.finding, "nothing was found"
    assert str(report.finding.sequence) in report.finding.words
    return report.finding.code, report.finding.sequence


@pytest.mark.security("S53")
def test_a_chain_that_nobody_touched_is_right(chain: int, anchor: FileAnchor) -> None:
    report = verify(anchor)
    assert report.good, report.finding
    assert (report.checked, report.reached.sequence, report.anchored) == (chain, chain, chain)
    assert last_event() == report.reached
    head = stored_head()
    assert head
    assert chain - 32 < head.sequence <= chain
    assert head.sequence % 32 == 0


CHANGED = [
    "kind = 'other'", "at = at + interval '1 microsecond'", "at = 'infinity'", "actor_name = ''", "actor_id = NULL",
    "patient_id = gen_random_uuid()", "reason = NULL", "reason = ''", "item_count = NULL", "address = '203.0.113.9'",
    "address = NULL", "outcome = 'refused'", "request_id = 'r'", "agent = agent || ' '", "target_type = 'x'",
    "target_id = 'x'", "actor_role = 'admin'", "actor_kind = 'system'", "on_behalf_of = gen_random_uuid()",
    "hash = decode(repeat('ab', 32), 'hex')", "previous_hash = decode(repeat('ab', 32), 'hex')",
]  # fmt: skip


@pytest.mark.security("S53")
@pytest.mark.parametrize("change", CHANGED)
def test_an_event_that_was_changed_is_named(chain: int, anchor: FileAnchor, change: str) -> None:
    if "NULL" in change:
        attack("ALTER TABLE audit_event ALTER reason DROP NOT NULL")
    attack(f"UPDATE audit_event SET {change} WHERE id = %s", chain - 4)
    assert found(verify(anchor)) == ("changed", chain - 4)


@pytest.mark.security("S53")
def test_an_event_that_was_changed_and_given_a_fitting_hash_is_named(chain: int, anchor: FileAnchor) -> None:
    attack("UPDATE audit_event SET reason = 'x' WHERE id = %s", chain - 4)
    link = next(links(chain - 5, chain - 4))
    made = hash_of("h_mercy", link, link.previous or b"")
    attack("UPDATE audit_event SET hash = %s WHERE id = %s", made, chain - 4)
    assert found(verify(anchor)) == ("changed", chain - 4)


@pytest.mark.security("S53")
def test_a_chain_that_was_written_anew_from_there_on_is_found_by_its_anchor(chain: int, anchor: FileAnchor) -> None:
    write(5)
    anchor_here(anchor)
    attack("UPDATE audit_event SET reason = 'x' WHERE id = %s", chain + 2)
    chained_anew(chain + 2)
    assert found(verify(anchor)) == ("rewritten", chain + 1)


@pytest.mark.security("S53")
@pytest.mark.parametrize("number", [1, 2, -4])
def test_an_event_that_was_removed_is_named(chain: int, anchor: FileAnchor, number: int) -> None:
    gone = number if number > 0 else chain + number
    attack("DELETE FROM audit_event WHERE id = %s", gone)
    assert found(verify(anchor)) == ("missing", gone)


@pytest.mark.security("S53")
def test_a_gap_that_was_closed_is_found(chain: int, anchor: FileAnchor) -> None:
    attack("DELETE FROM audit_event WHERE id = %s", chain - 4)
    attack("UPDATE audit_event SET id = id - 1 WHERE id > %s", chain - 4)
    assert found(verify(anchor)) == ("changed", chain - 4)


@pytest.mark.security("S53")
def test_events_that_were_cut_off_are_found_by_the_head(chain: int, anchor: FileAnchor) -> None:
    write(32)
    attack("DELETE FROM audit_event WHERE id > %s", chain)
    assert found(verify(anchor)) == ("cut_off", chain + 1)


@pytest.mark.security("S53")
def test_events_that_were_cut_off_with_their_head_are_found_by_the_anchor(chain: int, anchor: FileAnchor) -> None:
    attack("DELETE FROM audit_event WHERE id > %s", chain - 5)
    last = next(links(chain - 6, chain - 5))
    attack("UPDATE audit_head SET sequence = %s, hash = %s", last.sequence, last.hash)
    assert found(verify(anchor)) == ("cut_off", chain - 4)
    write(9)
    assert found(verify(anchor))[0] == "rewritten", "others in their place do not hide it"


@pytest.mark.security("S53")
def test_an_event_that_was_put_in_past_the_chain_is_named(chain: int, anchor: FileAnchor) -> None:
    copied = ", ".join(FIELDS)
    attack(
        f"INSERT INTO audit_event (id, {copied}) SELECT %s, {copied} FROM audit_event WHERE id = %s", chain + 1, chain
    )
    assert found(verify(anchor)) == ("inserted", chain + 1)
    attack("UPDATE audit_event SET id = 0 WHERE id = %s", chain + 1)
    assert found(verify(anchor)) == ("inserted", 0)


@pytest.mark.security("S53")
def test_an_event_of_another_hospitals_chain_does_not_fit(chain: int, anchor: FileAnchor) -> None:
    link = next(links(chain - 1, chain))
    assert hash_of("h_mercy", link, link.previous or b"") == link.hash
    assert hash_of("h_riverside", link, link.previous or b"") != link.hash


@pytest.mark.security("S53")
def test_a_head_that_was_changed_is_found(chain: int, anchor: FileAnchor) -> None:
    head = stored_head()
    assert head
    attack("UPDATE audit_head SET hash = %s", bytes(32))
    assert found(verify(anchor)) == ("head", head.sequence)
    attack("DELETE FROM audit_head")
    assert found(verify(anchor)) == ("head", chain)


@pytest.mark.security("S53")
def test_an_anchor_that_we_did_not_sign_is_named(chain: int, anchor: FileAnchor, settings: Any) -> None:
    ours = settings.PORTICO_AUDIT_SECRET
    settings.PORTICO_AUDIT_SECRET = "somebody else's " * 4
    forged = dataclasses.replace(head_here(), sequence=chain - 1)
    anchor.put("h_mercy", chain - 1, signing.sign(forged))
    theirs = signing.public_key()["x"]
    settings.PORTICO_AUDIT_SECRET = ours
    assert found(verify(anchor)) == ("signature", chain - 1)
    settings.PORTICO_AUDIT_PUBLIC_KEYS = (theirs,)  # as after a change of the key
    assert found(verify(anchor))[0] == "rewritten"


@pytest.mark.security("S54")
def test_the_number_comes_from_the_head_whatever_the_writer_says(chain: int, anchor: FileAnchor) -> None:
    AuditEvent.objects.create(id=7, at=clock.now(), kind="test.done", actor_kind="system", outcome="success", hash=b"x")
    assert AuditEvent.objects.filter(id=chain + 1).exists()
    assert verify(anchor).good


@pytest.mark.security("S54")
def test_an_event_that_is_rolled_back_leaves_no_gap(chain: int, anchor: FileAnchor) -> None:
    with pytest.raises(Conflict), transaction.atomic():
        record("test.done", by=BY)
        raise Conflict
    write(1)
    assert last_event().sequence == chain + 1
    assert verify(anchor).good


def test_public_has_a_chain_of_its_own(in_mercy: HospitalRecord, anchor: FileAnchor) -> None:
    with inside_public():
        before = head_here()
        write(3)
        assert head_here().sequence == before.sequence + 3
        assert verify(anchor).good


@pytest.mark.security("S53")
def test_verification_goes_on_where_it_ended(chain: int, anchor: FileAnchor) -> None:
    reached = verify(anchor).reached
    write(4)
    report = verify(anchor, start=reached)
    assert report.good
    assert (report.checked, report.began) == (4, chain + 1)
    attack("UPDATE audit_event SET reason = 'x' WHERE id = %s", chain)
    chained_anew(chain)
    assert found(verify(anchor, start=reached)) == ("changed", chain)


@pytest.mark.parametrize(
    ("one", "other"), [(("ab", "c"), ("a", "bc")), ((None,), ("",)), (("~",), (None,)), (("1:a,",), ("a",))]
)
def test_no_two_events_are_written_alike(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> None:
    first, second = (hash_of("h_mercy", Link(1, None, None, fields), BEGINNING) for fields in (one, other))
    assert first != second


# Actions within actions


@action(event="test.done")
def inner(*, by: Actor, name: str, fail: bool = False) -> None:
    about(target=("inner", name))
    if fail:
        raise Conflict


@action(event="test.done")
def outer(*, by: Actor, within: Callable[[], object]) -> None:
    about(target=("outer", ""))
    within()


def left() -> list[str]:
    found = (
        AuditEvent.objects.filter(kind="test.done").order_by("id").values_list("target_id", "target_type", "outcome")
    )
    return [name or kind if outcome == "success" else f"{name or kind} {outcome}" for name, kind, outcome in found]


def both() -> None:
    inner(by=BY, name="1")
    inner(by=BY, name="2")


@pytest.mark.security("S54")
def test_an_action_within_an_action_leaves_its_event_to_the_outermost(
    in_mercy: HospitalRecord, django_assert_num_queries: Any
) -> None:
    assert left() == []
    with django_assert_num_queries(7):  # three pairs of savepoints, one INSERT
        outer(by=BY, within=both)
    assert left() == ["1", "2", "outer"]


def caught() -> None:
    try:
        with transaction.atomic():
            inner(by=BY, name="undone")
            raise Conflict
    except Conflict:
        inner(by=BY, name="instead")


def failing() -> None:
    try:
        inner(by=BY, name="refused", fail=True)
    except Conflict:
        inner(by=BY, name="after")


def broken() -> None:
    inner(by=BY, name="lost")
    raise Conflict


@pytest.mark.parametrize("in_trail", [True, False])
def test_what_a_savepoint_undid_leaves_no_event_of_success(in_mercy: HospitalRecord, in_trail: bool) -> None:
    with open_trail() if in_trail else inside(in_mercy):
        outer(by=BY, within=caught)
    assert left() == ["instead", "outer"]


@pytest.mark.parametrize("in_trail", [True, False])
def test_a_refused_action_within_leaves_its_event(in_mercy: HospitalRecord, in_trail: bool) -> None:
    with open_trail() if in_trail else inside(in_mercy):
        outer(by=BY, within=failing)
    assert sorted(left()) == ["after", "outer", "refused refused"]


@pytest.mark.parametrize("in_trail", [True, False])
def test_what_failed_as_a_whole_leaves_its_own_event_alone(in_mercy: HospitalRecord, in_trail: bool) -> None:
    with open_trail() if in_trail else inside(in_mercy), pytest.raises(Conflict):
        outer(by=BY, within=broken)
    assert left() == ["outer refused"]


def test_an_event_stands_where_it_was_noted(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside_public(), open_trail():
        for place in (mercy, riverside):
            with inside(place):
                record("test.done", by=BY, target=("place", place.slug))
    for place in (mercy, riverside):
        with inside(place):
            assert left() == [place.slug]
    with inside_public():
        assert left() == []


def test_what_a_failed_task_had_read_stands_in_the_record(in_mercy: HospitalRecord) -> None:
    with pytest.raises(ZeroDivisionError), open_trail():
        record("test.done", by=BY, target=("read", "before"))
        raise ZeroDivisionError
    assert left() == ["before"]

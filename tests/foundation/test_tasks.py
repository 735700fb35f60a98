"""A task carries its hospital, signed, or is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing

from foundation.audit import Actor
from foundation.tasks import SALT, TaskRefused, hospital_task, public_task, ticket
from foundation.tenancy import HospitalRecord, current_schema, inside_public, standing
from tenants.actions import set_status

seen: list[str] = []


@hospital_task(name="tests.remember")
def remember(*, word: str) -> None:
    seen.append(f"{current_schema()}:{word}")


@public_task(name="tests.count")
def count() -> None:
    seen.append(current_schema())


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def test_a_task_runs_in_the_hospital_it_was_sent_for(mercy: HospitalRecord, on_commit_now: None) -> None:
    with inside_public():
        remember.send(mercy, word="hello")
        assert current_schema() == "public"
    assert seen == [f"{mercy.schema_name}:hello"]


@pytest.mark.security("S11", "P6")
@pytest.mark.parametrize("token", ["", "h_mercy", "forged:abc", None])
def test_a_task_without_a_hospital_or_with_a_forged_one_is_refused(mercy: HospitalRecord, token: Any) -> None:
    with pytest.raises(TaskRefused):
        remember.task.apply(kwargs={"hospital": token, "arguments": {"word": "x"}}, throw=True)
    assert seen == []


@pytest.mark.security("S11")
def test_a_plain_call_without_any_argument_is_refused(mercy: HospitalRecord) -> None:
    with pytest.raises(TaskRefused):
        remember.task.apply(throw=True)


@pytest.mark.security("S11")
def test_another_tasks_ticket_does_not_open_this_one(mercy: HospitalRecord) -> None:
    token = ticket(mercy, "tests.other", {"word": "x"})
    with pytest.raises(TaskRefused):
        remember.task.apply(kwargs={"hospital": token, "arguments": {"word": "x"}}, throw=True)


@pytest.mark.security("S11")
def test_a_ticket_opens_its_task_with_its_own_arguments_alone(mercy: HospitalRecord) -> None:
    token = ticket(mercy, remember.name, {"word": "x"})
    for arguments in ({"word": "y"}, {"word": "x", "more": "1"}, {}):
        with pytest.raises(TaskRefused):
            remember.task.apply(kwargs={"hospital": token, "arguments": arguments}, throw=True)
    assert seen == []
    remember.task.apply(kwargs={"hospital": token, "arguments": {"word": "x"}}, throw=True)
    assert seen == [f"{mercy.schema_name}:x"]


@pytest.mark.security("S11")
def test_a_ticket_for_public_is_refused(mercy: HospitalRecord) -> None:
    token = signing.dumps({"schema": "public", "task": remember.name}, salt=SALT)
    with pytest.raises(TaskRefused):
        remember.task.apply(kwargs={"hospital": token, "arguments": {"word": "x"}}, throw=True)


@pytest.mark.security("S12")
def test_a_suspended_hospitals_tasks_do_not_run(mercy: HospitalRecord) -> None:
    token = ticket(mercy, remember.name, {"word": "x"})
    set_status(by=Actor.command("tests"), slug="mercy", status="suspended")
    with pytest.raises(TaskRefused):
        remember.task.apply(kwargs={"hospital": token, "arguments": {"word": "x"}}, throw=True)


def test_a_vendors_task_stands_in_public_by_name(mercy: HospitalRecord, on_commit_now: None) -> None:
    with inside_public():
        count.send()
    assert seen == ["public"]
    assert standing() is None

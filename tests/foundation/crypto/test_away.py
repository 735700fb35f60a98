"""The key store is away (R22): people read that it does not work right now, and nobody is blamed for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from foundation.crypto.cache import unwrapped
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import User
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection
from portal.ehr.sync import synchronise
from tests.people import PASSWORD
from tests.portal.accounts.codes import NOON, code_at
from tests.portal.ehr.conftest import BY, connect_memory

ADDRESS = "memory://away"


def go_away(key_folder: Path) -> None:
    key_folder.rename(key_folder.with_name("away"))
    unwrapped.forget_all()


def come_back(key_folder: Path) -> None:
    key_folder.with_name("away").rename(key_folder)


def test_a_code_is_neither_right_nor_wrong_while_the_keys_are_away(
    mercy: HospitalRecord, client_for: Callable[..., Client], person: Callable[..., Any], key_folder: Path
) -> None:
    user: User = person(mercy, "alice")
    browser = client_for(mercy)
    with time_machine.travel(NOON, tick=False):
        browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
        go_away(key_folder)
        answer = browser.post("/sign-in/code/", {"code": code_at(NOON)})
        assert answer.status_code == 503
        assert b"cannot open this right now" in answer.content
        with inside(mercy):
            user.refresh_from_db()
            assert user.factor_failures == 0
        come_back(key_folder)
        assert browser.post("/sign-in/code/", {"code": code_at(NOON)}).status_code == 302


def test_a_synchronisation_says_so_and_goes_on_when_the_keys_are_back(
    in_mercy: HospitalRecord, key_folder: Path, on_commit_now: None
) -> None:
    MemoryEHR.at(ADDRESS)
    try:
        connected = connect_memory(ADDRESS)
        connected.seal("a token")
        connected.save()
        go_away(key_folder)
        assert synchronise(by=BY).run.state == "failed"
        connected = Connection.objects.get(pk=connected.pk)
        assert (connected.status, connected.last_fault) == ("failing", "keys_away")
        come_back(key_folder)
        assert synchronise(by=BY).run.state == "done"
    finally:
        MemoryEHR.forget(ADDRESS)


@pytest.mark.parametrize("verb", ["get", "post"])
def test_other_pages_need_no_key(
    verb: str, mercy: HospitalRecord, client_for: Callable[..., Client], person: Callable[..., Any], key_folder: Path
) -> None:
    browser = client_for(mercy, person(mercy, "ada", role="admin"))
    go_away(key_folder)
    assert getattr(browser, verb)("/sign-out/" if verb == "post" else "/connection/").status_code in {200, 302}

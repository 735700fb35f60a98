"""A process that is killed while it makes a hospital leaves nothing of it."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from django.db import connection, connections

from foundation.audit import Actor
from foundation.registry import on_hospital_created
from foundation.tenancy import inside_public
from tenants import actions, queries
from tenants.models import Domain

STEPS = ("before its host", "before its schema", "before its last hook")


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def make_and_die(step: str) -> None:
    """Runs in a process of its own, up to the step."""
    connections.close_all()
    if step == STEPS[0]:
        Domain.save = die
    elif step == STEPS[1]:
        actions._load_schema = die
    else:
        on_hospital_created.register("zz.dies", die)
    actions.create_hospital(by=Actor.command("tests"), slug="killed", name="Killed")


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_nothing(lasting_database: None, step: str) -> None:
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            make_and_die(step)
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "The process ended by itself: the step was not reached."
    assert queries.hospital_by_slug("killed") is None
    with inside_public(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'h_killed'")
        assert cursor.fetchone() == (0,)

"""Real processes, really killed (SIGKILL) at random statements: the database alone says how to go on (show 6, R7)."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from foundation.database import as_owner
from foundation.registry import projectors
from foundation.tenancy import HospitalRecord, inside, stand
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import SyncRun
from portal.ehr.sync import synchronise
from tenants.queries import hospital_by_slug
from tests.portal.ehr.charts import hospital
from tests.portal.ehr.conftest import BY, connect_memory, everything
from tests.portal.ehr.test_kill import change

TABLES = "ehr_unprojected, ehr_resourcehistory, ehr_resource, ehr_patientprogress, ehr_syncrun, ehr_connection"


@pytest.fixture
def ground(lasting_database: None, ehr: MemoryEHR, monkeypatch: pytest.MonkeyPatch) -> Iterator[HospitalRecord]:
    del lasting_database, ehr
    monkeypatch.setattr(projectors, "_values", {})
    mercy = hospital_by_slug("mercy")
    assert mercy is not None
    yield mercy
    empty(mercy)


def empty(where: HospitalRecord) -> None:
    with inside(where), as_owner(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES}, access_patient CASCADE")


def in_child(where: HospitalRecord, full: bool, kill_at: int | None) -> bool:
    """Synchronises in a forked process, which kills itself before its n-th statement. True where it came to its end."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(120)
            stand(None)
            with inside(where), connection.execute_wrapper(Clock(kill_at)):
                synchronise(by=BY, full=full)
            os._exit(0)
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the run failed by itself"
    return not os.WIFSIGNALED(status)


class Clock:
    """Counts statements, and strikes."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def story(where: HospitalRecord, ehr: MemoryEHR, run: Callable[[bool], None]) -> dict[str, Any]:
    ehr.resources.clear()
    ehr.moment = MemoryEHR().moment
    with inside(where):
        connect_memory()
    ehr.put_all(hospital(patients=4, results=3))
    run(False)
    change(ehr)
    run(False)
    run(True)
    with inside(where):
        state = everything()
        assert not SyncRun.objects.exclude(state=SyncRun.State.DONE).exists()
    empty(where)
    return state


@pytest.mark.security("R7")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_processes_killed_at_random_statements_leave_nothing_half_done(ground: HospitalRecord, ehr: MemoryEHR) -> None:
    def undisturbed(full: bool) -> None:
        assert in_child(ground, full, None)

    expected = story(ground, ehr, undisturbed)
    chance = random.Random(7)
    kills = 0

    def killing(full: bool) -> None:
        nonlocal kills
        for _attempt in range(10):
            kills += not in_child(ground, full, chance.randrange(1, 60))
        undisturbed(full)

    assert story(ground, ehr, killing) == expected
    assert kills >= 20

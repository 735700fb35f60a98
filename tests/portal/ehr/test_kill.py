"""Killed at any point, continued, and in the end the same as if nothing had happened (show 6, R7)."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.tenancy import HospitalRecord, inside
from portal.ehr import mirror, planning, projecting, runs, storing
from portal.ehr import sync as synchronising
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.errors import SyncRuns
from portal.ehr.locking import only_one
from portal.ehr.models import Connection, SyncRun
from portal.ehr.sync import synchronise
from tests.portal.ehr.charts import condition, hospital, patient, result
from tests.portal.ehr.conftest import BY, Recorder, connect_memory, everything


class Killed(BaseException):
    """As sudden as SIGKILL for everything that catches Exception."""


class Reaper:
    """Kills at the n-th of the points that a synchronisation passes."""

    POINTS = (
        (mirror, "find"), (mirror, "write"), (mirror, "withdraw"), (mirror, "_copy"), (mirror, "_replace"),
        (storing, "register_patient"), (storing, "_advance"), (storing, "_count"), (projecting, "rows_of"),
        (runs, "count_patient"), (planning, "overlapped"), (synchronising, "news"),
    )  # fmt: skip

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.passed = 0
        for module, name in self.POINTS:
            monkeypatch.setattr(module, name, self.watch(getattr(module, name)))

    def watch(self, function: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            self.passing()
            found = function(*args, **kwargs)
            self.passing()
            return found

        return run

    def passing(self) -> None:
        self.passed += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed


def change(ehr: MemoryEHR) -> None:
    """A day in the EHR: new, changed, withdrawn, deleted, moved, and a new patient."""
    ehr.put(result("new", "p0"))
    ehr.put(result("p0-r1", "p0", value=9.0, status="corrected"))
    ehr.put(result("p1-r1", "p1", status="entered-in-error"))
    ehr.delete("Observation", "p1-r2")
    ehr.put(condition("p2-c", "p0"))
    ehr.put_all([patient("p9"), result("p9-r", "p9")])
    ehr.put(patient("p1", family="Renamed"))


def whole_state(recorder: Recorder) -> dict[str, Any]:
    return {**everything(), "shown": sorted(map(str, recorder.shown.items()))}


@pytest.fixture
def ground(in_mercy: HospitalRecord, ehr: MemoryEHR, recorder: Recorder) -> Connection:
    del in_mercy
    return connect_memory()


def story(ehr: MemoryEHR, recorder: Recorder, kill: Any = None) -> dict[str, Any]:
    """First load, a day's changes, the next runs. `kill` runs each synchronisation, killed or not."""
    run = kill or (lambda full: synchronise(by=BY, full=full))
    ehr.put_all(hospital(patients=3, results=3))
    run(False)
    change(ehr)
    run(False)
    run(True)
    return whole_state(recorder)


def test_killed_twenty_times_at_random_points_it_ends_as_an_undisturbed_one(
    ground: Connection, ehr: MemoryEHR, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaper = Reaper(monkeypatch)
    with transaction.atomic():
        expected = story(ehr, recorder)
        transaction.set_rollback(True)
    points = reaper.passed
    chance = random.Random(20261122)
    kills = 0
    for _round in range(5):
        fresh(ehr, recorder)

        def killing(full: bool) -> None:
            nonlocal kills
            for _attempt in range(2):
                reaper.left = chance.randrange(points // 3)
                try:
                    synchronise(by=BY, full=full)
                except Killed:
                    kills += 1
            reaper.left = None
            synchronise(by=BY, full=full)

        with transaction.atomic():
            assert story(ehr, recorder, killing) == expected
            transaction.set_rollback(True)
    assert kills >= 20


def fresh(ehr: MemoryEHR, recorder: Recorder) -> None:
    ehr.resources.clear()
    ehr.moment = MemoryEHR().moment
    recorder.shown.clear()


def test_a_killed_run_is_continued_and_not_begun_again(
    ground: Connection, ehr: MemoryEHR, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ehr.put_all(hospital(patients=4))
    stored: list[str] = []
    original = storing.store_patient

    def third_time_killed(**kwargs: Any) -> Any:
        if len(stored) == 2:
            stored.append("killed")
            raise Killed
        stored.append(kwargs["fetched"].key.fhir_id)
        return original(**kwargs)

    monkeypatch.setattr(synchronising, "store_patient", third_time_killed)
    with pytest.raises(Killed):
        synchronise(by=BY)
    assert SyncRun.objects.get().state == SyncRun.State.RUNNING
    synchronise(by=BY)
    assert stored == ["p0", "p1", "killed", "p2", "p3"]
    done = SyncRun.objects.get()
    assert (done.state, done.patients_done) == (SyncRun.State.DONE, 4)


def test_two_never_run_at_once_in_one_hospital_and_two_hospitals_do_not_wait(
    lasting_database: None,
) -> None:
    from tenants.queries import hospital_by_slug

    mercy, riverside = hospital_by_slug("mercy"), hospital_by_slug("riverside")
    assert mercy is not None
    assert riverside is not None
    outcomes: dict[str, str] = {}

    def attempt(where: HospitalRecord) -> None:
        try:
            with inside(where), only_one():
                outcomes[where.slug] = "ran"
        except SyncRuns:
            outcomes[where.slug] = "refused"
        finally:
            connection.close()

    with inside(mercy), only_one():
        for where in (mercy, riverside):
            thread = threading.Thread(target=attempt, args=(where,))
            thread.start()
            thread.join()
    assert outcomes == {"mercy": "refused", "riverside": "ran"}
    with inside(mercy), only_one():
        pass


def test_the_lock_of_a_killed_process_is_free(lasting_database: None) -> None:
    from tenants.queries import hospital_by_slug

    mercy = hospital_by_slug("mercy")
    assert mercy is not None

    def die() -> None:
        with inside(mercy):
            only_one().__enter__()
            connection.close()

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    with inside(mercy), only_one(5.0):
        pass

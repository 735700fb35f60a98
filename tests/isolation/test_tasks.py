"""Every task that a worker knows, sent with the other hospital's ids, and by who has not the key."""

from __future__ import annotations

import inspect
import pickle
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery, current_app
from celery.beat import BeatLazyFunc
from celery.contrib.testing.worker import start_worker
from celery.signals import task_failure, task_postrun, task_retry, task_success
from django.core import mail
from kombu.transport.memory import Channel

from config.celery_app import Scheduler
from foundation.audit.models import Alarm
from foundation.clock import now, uuid7
from foundation.database import as_owner
from foundation.registry import schedule
from foundation.tasks import (
    MAX_AGE,
    HospitalTask,
    PublicTask,
    TaskRefused,
    hospital_task,
    ours,
    public_task,
    public_ticket,
    ticket,
)
from foundation.tenancy import HospitalRecord, current_schema, inside, inside_public, standing
from portal.personal.models import DataCopy
from portal.records.models import RecordExport
from tenants.queries import hospital_by_slug
from tests.isolation.conftest import Twin
from tests.isolation.contents import contents, differences

ran: list[str] = []


@hospital_task(name="tests.isolation.here")
def here_task(*, word: str = "") -> None:
    ran.append(f"{current_schema()}:{word}")


@hospital_task(name="tests.isolation.breaks")
def breaking_task(*, word: str = "") -> None:
    ran.append(f"{current_schema()}:breaks")
    raise RuntimeError(word)


@hospital_task(name="tests.isolation.again", autoretry_for=(LookupError,), max_retries=2, default_retry_delay=0)
def again_task(*, word: str = "") -> None:
    ran.append(f"{current_schema()}:{word}")
    if len(ran) < 3:
        raise LookupError


@public_task(name="tests.isolation.vendors")
def vendors_task() -> None:
    ran.append(current_schema())


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


def real() -> dict[str, HospitalTask[Any] | PublicTask[Any]]:
    """The product's own tasks."""
    current_app.loader.import_default_modules()
    return {name: task for name, task in ours.items() if not name.startswith("tests.")}


def samples(here: Twin, there: Twin) -> dict[str, list[Any]]:
    """What an argument of a task may be, by its name: an id that both hospitals have, and one of the other alone."""
    return {
        "export_id": [both_have(RecordExport, here, there), only_there(RecordExport, there)],
        "copy_id": [both_have(DataCopy, here, there), only_there(DataCopy, there)],
        "user_id": [str(here.user.pk)],
        "patient_id": [str(here.patient.pk)],
        "asked": [True],
        "full": [True],
    }


def both_have(kind: type[RecordExport | DataCopy], here: Twin, there: Twin) -> str:
    given = uuid7()
    for twin in (here, there):
        with inside(twin.hospital):
            kind._default_manager.create(id=given, user=twin.user, patient=twin.patient)
    return str(given)


def only_there(kind: type[RecordExport | DataCopy], there: Twin) -> str:
    with inside(there.hospital):
        return str(kind._default_manager.create(user=there.user, patient=there.patient).pk)


def arguments_of(task: HospitalTask[Any] | PublicTask[Any], known: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Every choice of arguments. A task with an argument that nobody has a sample for fails the walk."""
    choices: list[dict[str, Any]] = [{}]
    for name in inspect.signature(task.body).parameters:
        if name not in known:
            pytest.fail(f"The walk does not know what {name!r} of the task {task.name} may be: add it to samples().")
        choices = [{**choice, name: value} for choice in choices for value in known[name]]
    return choices


def apply(task: HospitalTask[Any] | PublicTask[Any], **kwargs: Any) -> Any:
    return task.task.apply(kwargs=kwargs, throw=False)


@pytest.mark.security("S11")
def test_a_worker_runs_no_task_but_ours() -> None:
    """Celery's own (chord, map, ...) start others by name, which look at their tickets; no third kind is known."""
    current_app.loader.import_default_modules()
    strange = {name for name in current_app.tasks if not name.startswith("celery.")} - set(ours)
    assert strange == set(), "make it a @hospital_task or a @public_task"
    assert len(real()) >= 8


@pytest.mark.security("S11")
@pytest.mark.security("S1")
def test_no_task_of_one_hospital_reads_or_writes_the_other(twins: tuple[Twin, Twin]) -> None:
    here, there = twins
    with inside(here.hospital):
        type(here.user).objects.update(email="here@example.org")
    with inside(there.hospital):
        type(there.user).objects.update(email="there@example.org")
    known = samples(here, there)
    done = 0
    for name, task in real().items():
        if not isinstance(task, HospitalTask):
            continue
        for arguments in arguments_of(task, known):
            before, own = contents(there.hospital), contents(here.hospital)
            mail.outbox.clear()
            apply(task, hospital=ticket(here.hospital, name, arguments), arguments=arguments)
            assert differences(before, contents(there.hospital)) == [], (name, arguments)
            for sent in mail.outbox:
                assert "there@" not in str(sent.to), name
                assert there.hospital.host not in str(sent.message()), name
            done += bool(differences(own, contents(here.hospital)))
            assert standing() is None
    assert done >= 4, "The tasks did hardly anything: the walk proves nothing."


def forgeries(task: HospitalTask[Any] | PublicTask[Any], hospital: HospitalRecord) -> Iterator[dict[str, Any]]:
    """Messages that we did not write, or not for this task."""
    name, given = task.name, {"export_id": "1"}
    field = "hospital" if isinstance(task, HospitalTask) else "ticket"
    right = ticket(hospital, name, given) if field == "hospital" else public_ticket(name, given)
    wrong_place = public_ticket(name, given) if field == "hospital" else ticket(hospital, name, given)
    body, _, signature = right.rpartition(":")
    with_another_key = forged_with("another-key" * 6, hospital, name, given)
    for token in ("", None, hospital.schema_name, "public", f"{body}:{'A' * len(signature)}", right[:-1] + "!",
                  wrong_place, with_another_key, ticket(hospital, "tests.isolation.other", given)):  # fmt: skip
        yield {field: token, "arguments": given}
    yield {field: right, "arguments": {"export_id": "2"}}
    yield {field: right, "arguments": given, "schema_name": "h_riverside"}
    yield {"_schema_name": hospital.schema_name, "arguments": given}
    yield {}


def forged_with(key: str, hospital: HospitalRecord, name: str, given: dict[str, Any]) -> str:
    from django.test import override_settings

    with override_settings(SECRET_KEY=key):
        return ticket(hospital, name, given)


@pytest.mark.security("S11")
def test_every_task_refuses_every_forgery_and_an_alarm_counts_them(twins: tuple[Twin, Twin]) -> None:
    here, there = twins
    before = contents(here.hospital), contents(there.hospital)
    for name, task in real().items():
        refused = 0
        for forged in forgeries(task, there.hospital):
            answer = apply(task, **forged)
            assert isinstance(answer.result, TaskRefused), (name, forged)
            assert answer.result.forged, (name, forged)
            refused += 1
        with inside_public():
            assert Alarm.objects.get(kind="task.forged", target=name).count == refused
    assert differences(before[0], contents(here.hospital)) == []
    assert differences(before[1], contents(there.hospital)) == []


@pytest.mark.security("S11")
def test_a_message_that_waited_too_long_is_refused_without_an_alarm(mercy: HospitalRecord) -> None:
    token, vendors = ticket(mercy, here_task.name, {}), public_ticket(vendors_task.name, {})
    with time_machine.travel(now() + MAX_AGE + timedelta(minutes=1), tick=False):
        answers = [apply(here_task, hospital=token, arguments={}), apply(vendors_task, ticket=vendors, arguments={})]
    assert [(type(a.result), a.result.code) for a in answers] == [(TaskRefused, "expired")] * 2
    assert ran == []
    with inside_public():
        assert not Alarm.objects.filter(kind="task.forged").exists()


@pytest.mark.security("S11")
def test_the_scheduler_signs_what_it_sends_when_it_sends_it() -> None:
    scheduler = Scheduler.__new__(Scheduler)
    scheduler.app = current_app
    kept = current_app.conf.beat_schedule
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("celery.beat.PersistentScheduler.setup_schedule", lambda self: None)
            scheduler.setup_schedule()
        made = dict(current_app.conf.beat_schedule)
    finally:
        current_app.conf.beat_schedule = kept
    assert set(made) == set(dict(schedule.items()))
    for key, entry in made.items():
        lazy = pickle.loads(pickle.dumps(entry["kwargs"]["ticket"]))  # it lies in the scheduler's file
        assert isinstance(lazy, BeatLazyFunc), key
        assert lazy() == public_ticket(entry["task"], entry["kwargs"]["arguments"]) or lazy()
        task = ours[entry["task"]]
        assert isinstance(task, PublicTask), "a schedule starts the vendor's tasks, which start the hospitals'"


# A worker as it runs: Celery's own loop in a thread, messages through a broker, a client that has not our code.


@pytest.fixture
def plain(lasting_database: None) -> Iterator[tuple[Celery, Callable[[int], list[tuple[str, Any]]]]]:
    """A plain Celery client, and what became of the first N messages: (state, where the worker stood afterwards)."""
    ended: list[tuple[str, Any]] = []
    more = threading.Condition()

    def note(state: str) -> Callable[..., None]:
        def heard(**given: Any) -> None:
            with more:
                ended.append((state, given.get("exception") or given.get("reason")))
                more.notify_all()

        return heard

    stood: list[Any] = []
    heard = {task_failure: note("failed"), task_success: note("done"), task_retry: note("again")}
    after = lambda **_: stood.append(standing())  # noqa: E731
    for signal, receiver in heard.items():
        signal.connect(receiver)
    task_postrun.connect(after)

    def became(number: int) -> list[tuple[str, Any]]:
        with more:
            assert more.wait_for(lambda: len(ended) >= number, timeout=30), ended
            assert set(stood) <= {None}
            return list(ended)

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    kept = app.conf.broker_url
    app.conf.broker_url, app.conf.task_always_eager = "memory://", False
    app._after_fork()  # an earlier test's connections lead to another broker, and a retry would go there
    Channel.queues.clear()  # the broker in memory is the process', and so is what an earlier test left in it
    client = Celery("plain", broker="memory://", set_as_current=False)
    try:
        with start_worker(app, perform_ping_check=False, pool="solo", loglevel="CRITICAL", shutdown_timeout=20):
            yield client, became
    finally:
        app.conf.broker_url, app.conf.task_always_eager = kept, True
        app._after_fork()
        for signal, receiver in heard.items():
            signal.disconnect(receiver)
        task_postrun.disconnect(after)
        with inside_public(), as_owner():
            Alarm.objects.filter(kind="task.forged").delete()


@pytest.mark.security("S11")
def test_a_plain_clients_messages_are_refused_and_the_worker_goes_on(plain: Any) -> None:
    client, became = plain
    mercy = hospital_by_slug("mercy")
    assert mercy is not None
    send = client.send_task
    name = here_task.name
    send(name)
    send(name, args=["h_riverside"])
    send(name, kwargs={"hospital": "h_riverside", "arguments": {"word": "x"}})
    send(name, kwargs={"arguments": {"word": "x"}}, headers={"_schema_name": "h_riverside", "hospital": "h_riverside"})
    send("celery.starmap", args=[{"task": name, "args": [], "kwargs": {}, "options": {}, "subtask_type": None,
                                  "immutable": False}, [["h_riverside"]]])  # fmt: skip
    send(vendors_task.name)
    assert {state for state, _why in became(6)} == {"failed"}
    assert ran == []
    given = {"word": "ours"}
    send(name, kwargs={"hospital": ticket(mercy, name, given), "arguments": given})
    send(vendors_task.name, kwargs={"ticket": public_ticket(vendors_task.name, {}), "arguments": {}})
    all_of_them = became(8)
    assert [state for state, _why in all_of_them] == ["failed"] * 6 + ["done"] * 2, all_of_them
    assert ran == ["h_mercy:ours", "public"]
    with inside_public():
        counted = dict(Alarm.objects.filter(kind="task.forged").values_list("target", "count"))
    assert counted[name] >= 4
    assert counted[vendors_task.name] == 1


@pytest.mark.security("S11")
def test_after_an_error_and_after_a_retry_the_worker_stands_nowhere_and_then_in_the_right_place(plain: Any) -> None:
    client, became = plain
    both = [hospital_by_slug(slug) for slug in ("mercy", "riverside")]

    def send(task: HospitalTask[Any], hospital: HospitalRecord | None, **given: Any) -> None:
        assert hospital is not None
        client.send_task(task.name, kwargs={"hospital": ticket(hospital, task.name, given), "arguments": given})

    send(breaking_task, both[0], word="x")
    send(here_task, both[1], word="after an error")
    became(2)
    assert ran == ["h_mercy:breaks", "h_riverside:after an error"]
    ran.clear()
    send(again_task, both[1], word="again")
    became(2 + 3)
    assert ran == ["h_riverside:again"] * 3
    send(here_task, both[0], word="after a retry")
    became(2 + 3 + 1)
    assert ran[-1] == "h_mercy:after a retry"

"""Work for the owner goes through a table: asked for in a transaction, done once, and answered in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.database import NotTheOwner, as_owner
from foundation.registry import provisioner_jobs
from foundation.tasks import ask_provisioner
from foundation.tenancy import HospitalRecord, inside_public
from tenants import provisioning, queries
from tenants.errors import JobFailed, NoProvisioner
from tenants.models import Job
from tests.conftest import address_of, copy_of_template, forget_login, maintenance, runtime_address

BY = Actor("person", None, "Victor", "operator")
ROOT = Path(__file__).parents[2]


def test_a_hospital_that_is_asked_for_is_made_by_the_provisioner(database: None) -> None:
    job_id = ask_provisioner("hospital.create", by=BY, slug="hilltop", name="Hilltop")
    assert provisioning.outcome(job_id).state == "queued"
    assert queries.hospital_by_slug("hilltop") is None
    assert provisioning.work_off_one()
    done = provisioning.outcome(job_id)
    assert done.state == "done"
    assert done.result == {
        "slug": "hilltop", "name": "Hilltop", "host": "hilltop.localhost", "schema": "h_hilltop", "new": True,
    }  # fmt: skip
    assert queries.hospital_by_slug("hilltop") is not None
    assert not provisioning.work_off_one()


def test_the_record_names_who_asked(database: None) -> None:
    ask_provisioner("hospital.create", by=BY, slug="hilltop", name="Hilltop")
    provisioning.work_off_one()
    with inside_public():
        event = AuditEvent.objects.filter(kind="hospital.created", target_id="hilltop").get()
    assert (event.actor_name, event.actor_role) == ("Victor", "operator")


def test_a_job_that_was_done_before_its_answer_was_lost_finds_the_hospital_there(database: None) -> None:
    for _ in range(2):
        job_id = ask_provisioner("hospital.create", by=BY, slug="hilltop", name="Hilltop")
        provisioning.work_off_one()
    found = provisioning.outcome(job_id)
    assert found.state == "done"
    assert found.result is not None
    assert found.result["new"] is False


def test_a_refusal_reaches_the_asker_in_words(mercy: HospitalRecord) -> None:
    job_id = ask_provisioner("hospital.create", by=BY, slug="second", name="Second", domain="mercy.localhost")
    provisioning.work_off_one()
    assert provisioning.outcome(job_id).error == "A hospital with this short name or host is there already."


def test_an_error_in_a_job_is_said_without_its_data_and_the_next_job_runs(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, by: Actor) -> dict[str, Any]:
        raise RuntimeError("CANARY of a patient")

    monkeypatch.setitem(provisioner_jobs._values, "tests.fails", fail)
    monkeypatch.setitem(provisioner_jobs._values, "tests.works", lambda by: {"fine": True})
    failing, fine = ask_provisioner("tests.fails", by=BY), ask_provisioner("tests.works", by=BY)
    while provisioning.work_off_one():
        pass
    assert provisioning.outcome(failing).state == "failed"
    assert "CANARY" not in provisioning.outcome(failing).error
    assert provisioning.outcome(fine).result == {"fine": True}


def test_a_kind_of_job_that_nobody_does_is_refused_at_once(database: None) -> None:
    with pytest.raises(KeyError):
        ask_provisioner("hospital.paint", by=BY)
    with inside_public():
        assert not Job.objects.exists()


def test_a_request_that_is_rolled_back_asks_for_nothing(database: None) -> None:
    with inside_public(), pytest.raises(ZeroDivisionError), transaction.atomic():
        ask_provisioner("hospital.create", by=BY, slug="hilltop", name="Hilltop")
        _ = 1 / 0
    assert not provisioning.work_off_one()


def test_a_job_that_ran_when_the_provisioner_died_runs_again(database: None) -> None:
    job_id = ask_provisioner("hospital.create", by=BY, slug="hilltop", name="Hilltop")
    with inside_public(), as_owner():
        Job.objects.filter(id=job_id).update(state="running")
    assert not provisioning.work_off_one()
    provisioning._take_up_again()
    assert provisioning.work_off_one()
    assert provisioning.outcome(job_id).state == "done"


def test_a_command_without_the_owner_asks_and_says_when_nobody_answers(
    database: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PORTICO_OWNS_DATABASE = False
    monkeypatch.setattr(provisioning, "PATIENCE", -1.0)
    with pytest.raises(NoProvisioner):
        provisioning.run_or_ask("hospital.create", by=BY, slug="hilltop", name="Hilltop")
    with inside_public():
        assert Job.objects.get().state == "queued", "What was asked for is lost."
    with pytest.raises(CommandError, match="Start it"):
        call_command("hospital", "suspend", "mercy")


def test_a_command_that_asked_passes_on_what_was_refused(
    database: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PORTICO_OWNS_DATABASE = False

    def answer(_seconds: float) -> None:
        settings.PORTICO_OWNS_DATABASE = True
        provisioning.work_off_one()
        settings.PORTICO_OWNS_DATABASE = False

    monkeypatch.setattr("tenants.provisioning.time.sleep", answer)
    with pytest.raises(JobFailed, match="no hospital with this short name"):
        provisioning.run_or_ask("hospital.suspend", by=BY, slug="nowhere")
    done = provisioning.run_or_ask("hospital.suspend", by=BY, slug="mercy")
    assert done == {"name": "Mercy General Hospital"}


def test_only_who_holds_the_owners_address_is_a_provisioner(database: None, settings: Any) -> None:
    settings.PORTICO_OWNS_DATABASE = False
    with pytest.raises(NotTheOwner):
        provisioning.serve(lambda: True)
    with pytest.raises(CommandError, match="DATABASE_ADMIN_URL"):
        call_command("provisioner")


def test_there_is_one_provisioner_a_database(lasting_database: None) -> None:
    with provisioning.the_only_one(), pytest.raises(JobFailed, match="runs already"):
        provisioning.serve(lambda: True)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database for processes of their own."""
    with django_db_blocker.unblock(), maintenance() as server:
        name = f"{connection.settings_dict['NAME']}_prov"
        copy_of_template(server, name)
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        forget_login(server, name)


def portal(name: str, var: Path, *, owner: bool) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_ADMIN_URL", "PORTICO_RUNTIME"}}
    env |= {
        "DATABASE_URL": runtime_address(name), "PORTICO_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
    }  # fmt: skip
    return env | ({"DATABASE_ADMIN_URL": address_of(name)} if owner else {"PORTICO_RUNTIME": "yes"})


def manage(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.security("S6")
def test_processes_of_their_own_make_a_hospital_by_asking(own_database: str, tmp_path: Path) -> None:
    """The whole way: the login is made, the provisioner runs, a command that may not do it asks, and it is there."""
    owner, runtime = (portal(own_database, tmp_path, owner=who) for who in (True, False))
    migrated = manage("hospital", "migrate", env=owner)
    assert migrated.returncode == 0, migrated.stderr
    assert "The login" in migrated.stdout
    provisioner = subprocess.Popen(
        [sys.executable, "manage.py", "provisioner"], env=owner, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert provisioner.stdout is not None
        assert "provisioner.started" in provisioner.stdout.readline()
        made = manage("hospital", "create", "hilltop", "--name", "Hilltop", env=runtime)
        assert "Hilltop serves at" in made.stdout, made.stdout + made.stderr
        walls = manage("hospital", "check-walls", "hilltop", env=runtime)
        assert walls.returncode == 0, walls.stdout
        assert "FAILED" not in walls.stdout
    finally:
        provisioner.send_signal(signal.SIGTERM)
        assert provisioner.wait(10) == 0
    with psycopg.connect(runtime_address(own_database)) as opened, pytest.raises(psycopg.errors.InsufficientPrivilege):
        opened.execute("SELECT * FROM h_hilltop.access_patient")


@pytest.mark.slow
@pytest.mark.security("S6")
def test_the_owner_need_not_be_a_superuser(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> None:
    """A managed database gives no superuser: an owner that may make roles is enough, from nothing to a hospital."""
    with django_db_blocker.unblock(), maintenance() as server:
        name = f"{connection.settings_dict['NAME']}_plain"
        server.execute(f"CREATE ROLE \"{name}\" LOGIN CREATEROLE PASSWORD 'owner-but-no-superuser'")
        server.execute(f'CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0')
        try:
            parts = urlsplit(address_of(name))
            at = parts.netloc.rpartition("@")[2]
            address = parts._replace(netloc=f"{name}:owner-but-no-superuser@{at}").geturl()
            env = portal(name, tmp_path, owner=True) | {"DATABASE_ADMIN_URL": address}
            command = [sys.executable, "manage.py", "hospital"]
            for words in (["migrate"], ["create", "hilltop", "--name", "Hilltop"], ["check-walls", "hilltop"],
                          ["suspend", "hilltop"], ["delete", "hilltop", "--confirm", "hilltop"]):  # fmt: skip
                done = subprocess.run(
                    [*command, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, (words, done.stdout, done.stderr)
            left = server.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'p\\_%\\_h_hilltop'").fetchall()
            assert left == []
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            forget_login(server, name)
            server.execute(f'DROP ROLE IF EXISTS "{name}"')

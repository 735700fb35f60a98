"""The embedded database, for real: each test's instance is made in a second."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGKILL
from typing import Any

import psycopg
import pytest

from config.runner import processes
from config.runner.environment import Places
from config.runner.errors import CannotRun
from config.runner.postgres import Postgres
from config.runner.processes import Child
from config.runner.servers import given_ones_answer, needed
from config.runner.signals import Waiter
from config.runner.valkey import Valkey


@contextmanager
def running(server: Postgres | Valkey, waiter: Waiter) -> Iterator[Child]:
    server.prepare(waiter)
    child = server.start()
    try:
        server.wait_ready(child, waiter)
        yield child
    finally:
        processes.end({child: server.stop_signal}, waiter, 10)


def shown(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_it_keeps_what_was_committed_and_listens_to_no_network(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    with running(database, waiter), psycopg.connect(database.url) as connection:
        assert shown(connection, "fsync") == "on"
        assert shown(connection, "synchronous_commit") == "on"
        assert shown(connection, "listen_addresses") == ""
        assert shown(connection, "max_locks_per_transaction") == "1024"
        assert connection.info.server_version // 10000 == 18
        connection.execute("CREATE TABLE kept (id int)")
    with running(database, waiter), psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_its_folders_are_closed_and_as_root_they_are_another_accounts(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    with running(database, waiter):
        for folder in (database.data, database.socket, database.folder):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            if os.geteuid() == 0:
                assert folder.stat().st_uid != 0
    secret = database.folder.parent / "password"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.stat().st_uid == os.geteuid()


def test_nobody_gets_in_without_the_password(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    with running(database, waiter):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(database.url, password="guessed")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=str(database.socket), user="portico", dbname="portico")


def test_values_stay_out_of_its_log(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    with running(database, waiter), psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO person VALUES ('Alice Example')")
            except psycopg.errors.UniqueViolation:
                break
        else:
            pytest.fail("the second one should be refused")
    log = database.log.read_text()
    assert "duplicate key value" in log
    assert "Alice" not in log


def test_a_pid_file_that_names_another_program_is_put_aside(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    with running(database, waiter):
        pass
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (database.data / "postmaster.pid").write_text(f"{other.pid}\n{database.data}\n0\n5432\n")
        with running(database, waiter), psycopg.connect(database.url):
            assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        assert other.stdin is not None
        other.stdin.close()


def test_a_server_that_an_interrupted_run_left_behind_is_stopped(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    database.prepare(waiter)
    orphan = database.start()
    database.wait_ready(orphan, waiter)
    again = Postgres(made_once, "demo")
    again.prepare(waiter)
    assert orphan.wait() == 0
    with running(again, waiter), psycopg.connect(again.url):
        pass


def test_a_killed_server_comes_back_with_what_was_committed(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    with running(database, waiter) as child, psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE survived (id int)")
        connection.commit()
        child.send_signal(SIGKILL)
        child.wait()
    with running(database, waiter), psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT count(*) FROM survived").fetchone() == (0,)


def test_a_database_of_another_version_is_refused_in_a_sentence(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    database.prepare(waiter)
    of_now = (database.data / "PG_VERSION").read_text()
    (database.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotRun, match=r"made by PostgreSQL 17.*make clean-demo$"):
        database.prepare(waiter)
    (database.data / "PG_VERSION").write_text(of_now)


def test_a_database_that_cannot_start_shows_its_last_lines(made_once: Places, waiter: Waiter) -> None:
    database = Postgres(made_once, "demo")
    database.settings = database.settings | {"shared_buffers": "nonsense"}
    database.prepare(waiter)
    child = database.start()
    with pytest.raises(CannotRun, match=r"(?s)does not start.*nonsense.*The log: "):
        database.wait_ready(child, waiter)


def test_the_broker_answers_on_its_socket_alone(made_once: Places, waiter: Waiter) -> None:
    broker = Valkey(made_once, "demo")
    with running(broker, waiter):
        assert stat.S_IMODE(broker.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(broker.socket.parent.stat().st_mode) == 0o700
        if os.geteuid() == 0:
            assert broker.socket.stat().st_uid != 0
    assert not broker.socket.exists()


@pytest.mark.parametrize(
    ("given", "started"),
    [
        ({}, {"DATABASE_URL", "REDIS_URL"}),
        ({"DATABASE_URL": "postgresql:///mine"}, {"REDIS_URL"}),
        ({"REDIS_URL": "redis://127.0.0.1:6379/0"}, {"DATABASE_URL"}),
        ({"DATABASE_URL": "postgresql:///mine", "REDIS_URL": "redis://127.0.0.1:6379/0"}, set()),
    ],
)
def test_a_server_that_is_given_is_not_started(where: Places, given: dict[str, str], started: set[str]) -> None:
    assert set(needed(where, "demo", hasty=False, given=given)) == started


def test_the_database_is_stopped_by_the_signal_that_keeps_what_was_committed() -> None:
    assert Postgres.stop_signal == SIGINT


def test_a_database_that_is_given_and_not_there_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"^DATABASE_URL is set, but that database does not answer: "):
        given_ones_answer({"DATABASE_URL": f"postgresql://alice:secret@/portico?host={tmp_path}"})


def test_a_broker_that_is_given_and_not_there_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"^REDIS_URL is set, but that server does not answer: "):
        given_ones_answer({"REDIS_URL": f"redis+socket://{tmp_path}/none.sock"})

"""Behind a pooler that shares connections between transactions nothing starts; behind one that does not, nothing mixes.

The pooler is a real PgBouncer in front of this worker's database.
"""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection, connections

from config.runner.pgbouncer import NONE, find
from foundation.database import starting
from foundation.tenancy import inside
from tenants.queries import hospital_by_slug
from tests.conftest import address_of
from tests.isolation.test_walls import WEB, WORKER, runtime, started

__all__ = ["runtime"]
THREADS, READS = 8, 500
type Pooler = Callable[[str], str]


@pytest.fixture
def pooler(runtime: str, lasting_database: None, tmp_path: Path) -> Iterator[Pooler]:
    """pooler("transaction"): DATABASE_URL behind a PgBouncer in that mode, logged in as the runtime's login."""
    program = find()
    if program is None:
        pytest.skip(NONE)
    running: list[subprocess.Popen[bytes]] = []

    def start(mode: str) -> str:
        port = _free_port()
        _write_settings(tmp_path, mode, port, runtime)
        command = [str(program), *(["-u", "nobody"] if os.geteuid() == 0 else []), str(tmp_path / "pgbouncer.ini")]
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for place in (tmp_path, *tmp_path.iterdir()):
                os.chown(place, nobody.pw_uid, nobody.pw_gid)
            for above in list(tmp_path.parents)[:3]:
                if above != Path("/tmp"):
                    above.chmod(0o711)
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        address = urlsplit(runtime)._replace(netloc=f"{_login(runtime)}@127.0.0.1:{port}", query="").geturl()
        _wait(address, running[-1], tmp_path / "log")
        return address

    yield start
    connections.close_all()
    for one in running:
        one.terminate()
        one.wait(10)


def _login(address: str) -> str:
    return urlsplit(address).netloc.rpartition("@")[0]


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _write_settings(folder: Path, mode: str, port: int, address: str) -> None:
    at, parts = connection.settings_dict, urlsplit(address)
    (folder / "users").write_text(f'"{parts.username}" "{parts.password}"\n')
    server = f"host={at['HOST']} port={at['PORT'] or 5432} dbname={at['NAME']}"
    (folder / "pgbouncer.ini").write_text(
        f"""
[databases]
{at["NAME"]} = {server} user={parts.username} password={parts.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder / "users"}
logfile = {folder / "log"}
pidfile = {folder / "pid"}
pool_mode = {mode}
default_pool_size = {2 if mode == "transaction" else 20}
"""
    )


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        else:
            return
    raise AssertionError(f"PgBouncer does not answer: {log.read_text() if log.exists() else ''}")


def use(address: str) -> dict[str, Any]:
    """This process's Django goes through the pooler from now on; what was there before."""
    parts = urlsplit(address)
    connections.close_all()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(
        HOST=parts.hostname, PORT=str(parts.port), USER=parts.username, PASSWORD=parts.password
    )
    return before


@pytest.fixture
def through(pooler: Pooler) -> Iterator[Callable[[str], None]]:
    kept: list[dict[str, Any]] = []

    def go(mode: str) -> None:
        kept.append(use(pooler(mode)))

    yield go
    connections.close_all()
    connection.settings_dict.update(kept[0])


@pytest.mark.security("S7", "P1")
def test_a_transaction_pooler_is_recognised_each_time_and_no_other(through: Callable[[str], None]) -> None:
    assert not any(starting.behind_a_transaction_pooler() for _ in range(20)), "This is no pooler at all."
    through("transaction")
    assert all(starting.behind_a_transaction_pooler() for _ in range(20))


@pytest.mark.security("S7")
@pytest.mark.parametrize("command", [WEB, WORKER, ["manage.py", "hospital", "list"]], ids=["web", "worker", "command"])
def test_nothing_starts_behind_a_transaction_pooler(pooler: Pooler, tmp_path: Path, command: list[str]) -> None:
    refused = started(
        command, DATABASE_URL=pooler("transaction"), PORTICO_RUNTIME="yes", PORTICO_VAR=str(tmp_path / "var"),
        DJANGO_SETTINGS_MODULE="config.settings.demo",
    )  # fmt: skip
    assert refused.returncode != 0
    assert "shares connections between transactions" in refused.stdout + refused.stderr


@pytest.mark.security("S7")
def test_behind_a_session_pooler_eight_threads_mix_no_row(through: Callable[[str], None]) -> None:
    hospitals = [hospital_by_slug(slug) for slug in ("mercy", "riverside")]
    through("session")
    assert not starting.behind_a_transaction_pooler()
    wrong: list[str] = []

    def work(number: int) -> None:
        try:
            for turn in range(READS):
                hospital = hospitals[(number + turn) % 2]
                assert hospital is not None
                with inside(hospital), connection.cursor() as cursor:
                    cursor.execute("SELECT current_schema(), current_user, (SELECT count(*) FROM themes_brand)")
                    schema, role, _ = cursor.fetchone()
                if schema != hospital.schema_name or not role.endswith(hospital.schema_name):
                    wrong.append(f"{hospital.slug}: {schema} {role}")
        except Exception as problem:
            wrong.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:5]


def test_the_tests_database_is_no_pooler(lasting_database: None) -> None:
    assert address_of(connection.settings_dict["NAME"])
    assert not starting.behind_a_transaction_pooler()

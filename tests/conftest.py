"""The tests' ground: two hospitals with the same primary keys, people who sign in, and a database made once.

A template database is built when the migrations change (its name carries their fingerprint); each worker copies it,
which takes a second.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from psycopg import sql

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside, inside_public, stand, standing

pytest_plugins = ["tests.architecture.security_run", "tests.egress", "tests.completeness", "tests.sharing"]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the tests' thread
BY = Actor.command("tests")
RUNTIME_PASSWORD = "owns-nothing-at-all"
HOSPITALS: list[dict[str, Any]] = [
    {"slug": "mercy", "name": "Mercy General Hospital", "domain": "mercy.localhost", "brand": "#0b6168"},
    {
        "slug": "riverside",
        "name": "Riverside Children’s Hospital",
        "domain": "riverside.localhost",
        "brand": "#f2693c",
        "time_zone": "America/Los_Angeles",
    },
]


def maintenance() -> psycopg.Connection[Any]:
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"] or None,
        password=settings["PASSWORD"] or None, dbname="postgres", autocommit=True,
    )  # fmt: skip


def address_of(name: str) -> str:
    """DATABASE_URL of a database on the tests' server, for a process of its own."""
    at = connection.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    if at["HOST"].startswith("/"):
        return f"postgresql://{at['USER']}{password}@/{name}?host={at['HOST']}&port={at['PORT']}"
    return f"postgresql://{at['USER']}{password}@{at['HOST']}:{at['PORT']}/{name}"


def runtime_address(name: str) -> str:
    """DATABASE_URL of the same database for web and workers: a login of its own, which `hospital migrate` makes."""
    parts = urlsplit(address_of(name))
    at = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{name}_runtime:{RUNTIME_PASSWORD}@{at}").geturl()


def take_over() -> None:
    from tenants import migrating

    migrating.take_over()


def _use(name: str) -> None:
    connections.close_all()
    connection.settings_dict["NAME"] = name
    stand(None)


def _exists(server: psycopg.Connection[Any], name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _migrations_as_written() -> str:
    """A hash of every migration's name, and of our own migrations' text, which may change before a release."""
    from tenants.template import fingerprint

    digest = hashlib.sha256(fingerprint().encode())
    root = Path(__file__).parents[1]
    for folder in ("platform", "tenants", "themes", "cms"):
        for file in sorted((root / folder).glob("**/migrations/*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _make(server: psycopg.Connection[Any], name: str, base: str, fill: Callable[[], object]) -> str:
    """The name of a database made of another one and `fill`, unless it is there."""
    if not _exists(server, name):
        server.execute(f'DROP DATABASE IF EXISTS "{name}_making" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}_making" TEMPLATE "{base}"')
        _use(f"{name}_making")
        if base != "template0":
            take_over()
        fill()
        connections.close_all()
        server.execute(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')
    return name


def bare_database(server: psycopg.Connection[Any]) -> str:
    """A database with `public` and the template, and no hospital."""
    name = f"test_portico_{_migrations_as_written()}_bare"
    return _make(server, name, "template0", lambda: call_command("hospital", "migrate", verbosity=0))


def _template(server: psycopg.Connection[Any]) -> str:
    """The name of a database that also holds the two hospitals."""
    from tenants import actions

    def fill() -> None:
        for made in HOSPITALS:
            actions.create_hospital(by=BY, **made)

    server.execute("SELECT pg_advisory_lock(7204002)")
    try:
        return _make(server, f"test_portico_{_migrations_as_written()}", bare_database(server), fill)
    finally:
        server.execute("SELECT pg_advisory_unlock(7204002)")


def copy_of_template(server: psycopg.Connection[Any], name: str) -> None:
    """A database with the two hospitals and nobody in them. Nobody ever works in the template itself, so that it can be
    copied at any time; a worker's own database cannot, as some thread of it may hold a connection."""
    template = _template(server)
    server.execute("SELECT pg_advisory_lock(7204002)")
    try:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        server.execute("SELECT pg_advisory_unlock(7204002)")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """This worker's own copy of the template database."""
    with django_db_blocker.unblock():
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        before = connection.settings_dict["NAME"]
        with maintenance() as server:
            name = f"test_portico_{os.getpid()}_{worker}"
            copy_of_template(server, name)
            _use(name)
            take_over()
            yield
            connections.close_all()
            connection.settings_dict["NAME"] = before
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            forget_roles(server)


def forget_login(server: psycopg.Connection[Any], name: str) -> None:
    """Drops the login of runtime_address(name) and the roles it could take, once the database is gone."""
    forget_roles(server)
    server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_runtime")))


def forget_roles(server: psycopg.Connection[Any]) -> None:
    """Drops the roles of databases that are gone: roles belong to the server, and stay behind."""
    gone = server.execute(
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^p_[0-9a-f]{8}_' "
        "AND NOT EXISTS (SELECT 1 FROM pg_database WHERE lpad(to_hex(oid::bigint), 8, '0') = substr(rolname, 3, 8))"
    ).fetchall()
    for (name,) in gone:
        with suppress(psycopg.Error):  # another worker was faster
            server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium for the whole session. Tests that use it stand in the group "browser": one worker runs them."""
    from playwright.sync_api import sync_playwright

    from config.runner.chromium import path

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(path()),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none", "--disable-gpu"],
        )
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def _forget_hosts() -> Iterator[None]:
    from tenants import queries

    queries.hosts.forget()
    yield
    queries.hosts.forget()


@pytest.fixture(autouse=True)
def _local_cache(settings: Any) -> None:
    """A cache of this process alone, under the real key function."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": f"tests-{os.getpid()}",
            "KEY_FUNCTION": "foundation.tenancy.caches.make_key",
        }
    }
    caches["default"].clear()


@pytest.fixture(autouse=True)
def _own_anchors(settings: Any) -> Iterator[None]:
    """A folder for the chains' signed ends that no other test has: what a test rolls back was never anchored."""
    folder = Path(settings.PORTICO_VAR) / "anchors" / uuid4().hex
    settings.PORTICO_AUDIT_ANCHOR_FOLDER = folder
    yield
    rmtree(folder, ignore_errors=True)


@contextmanager
def _rolled_back() -> Iterator[None]:
    """A transaction over the test, as Django's TestCase has it: nothing of it stays."""
    with inside_public():
        atomic = transaction.atomic()
        atomic._from_testcase = True  # type: ignore[attr-defined]
        atomic.__enter__()
    try:
        yield
    finally:
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
        stand(None)


@pytest.fixture(scope="session")
def twin_ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of this worker's in which the two hospitals are twins (tests/isolation/conftest.py)."""
    from tests.isolation.conftest import make_twins

    with django_db_blocker.unblock(), maintenance() as server:
        before = connection.settings_dict["NAME"]
        name = f"{before}_twins"
        copy_of_template(server, name)
        _use(name)
        take_over()
        make_twins()
        _use(before)
        yield name
        connections.close_all()
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        forget_roles(server)


@pytest.fixture
def database(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database, everything rolled back at the end. Stands nowhere: enter a hospital.

    A test that asks for `twins` gets the database that has them.
    """
    ground = request.getfixturevalue("twin_ground") if "twins" in request.fixturenames else None
    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        if ground:
            _use(ground)
        stand(None)
        try:
            with _rolled_back():
                yield
        finally:
            if ground:
                _use(before)


@pytest.fixture
def lasting_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database with real commits, for tests of threads and processes: they clean up what they make."""
    with django_db_blocker.unblock():
        stand(None)
        yield
        stand(None)


def _hospital(slug: str) -> HospitalRecord:
    from tenants.queries import hospital_by_slug

    found = hospital_by_slug(slug)
    assert found is not None
    return found


@pytest.fixture
def mercy(database: None) -> HospitalRecord:
    return _hospital("mercy")


@pytest.fixture
def riverside(database: None) -> HospitalRecord:
    return _hospital("riverside")


@pytest.fixture
def in_mercy(mercy: HospitalRecord) -> Iterator[HospitalRecord]:
    with inside(mercy):
        yield mercy


@pytest.fixture
def in_riverside(riverside: HospitalRecord) -> Iterator[HospitalRecord]:
    with inside(riverside):
        yield riverside


@pytest.fixture
def on_commit_now() -> Iterator[None]:
    """What waits for a commit runs at once: the test's own transaction never commits."""
    original = transaction.on_commit

    def at_once(func: Callable[[], Any], using: str | None = None, robust: bool = False) -> None:
        del using, robust
        func()

    transaction.on_commit = at_once
    try:
        yield
    finally:
        transaction.on_commit = original


@pytest.fixture
def client_for() -> Callable[..., Client]:
    """A browser at a hospital's host (None: the vendor's): client_for(mercy, user) is signed in and verified."""

    def make(hospital: HospitalRecord | None, user: Any = None, *, verified: bool = True, **headers: Any) -> Client:
        client = Client(
            SERVER_NAME=hospital.host if hospital else "localhost", raise_request_exception=False, **headers
        )
        if user is not None:
            from tests.people import sign_in

            sign_in(client, hospital, user, verified=verified)
        return client

    return make


@pytest.fixture
def person() -> Callable[..., Any]:
    """Makes somebody: person(mercy, "alice", role="patient", patient=...) -> the User."""
    from tests.people import make_person

    return make_person


@pytest.fixture(autouse=True)
def _stand_nowhere_at_the_end() -> Iterator[None]:
    yield
    if (left := standing()) is not None:
        where = left.schema_name
        stand(None)
        raise AssertionError(f"The test ended inside {where}.")

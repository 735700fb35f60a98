"""The whole portal as it is served: web server, worker, sandbox EHR, a browser. Started once for all journeys."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import address_of, bare_database, forget_login, maintenance, runtime_address
from tests.journeys.codes import code_of

ROOT = Path(__file__).parents[2]


@dataclass
class Portal:
    """What `var/demo.json` says, and the port."""

    port: int
    told: dict[str, Any]
    folder: Path
    spent: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)  # the web server's, and the provisioner's
    owner: dict[str, str] = field(default_factory=dict)

    def hospital(self, slug: str) -> dict[str, Any]:
        found: dict[str, Any] = next(h for h in self.told["hospitals"] if h["slug"] == slug)
        return found

    def person(self, slug: str, username: str) -> dict[str, Any]:
        people = self.hospital(slug)["people"] if slug else self.told["vendor"]["people"]
        found: dict[str, Any] = next(p for p in people if p["username"] == username)
        return found

    def patients(self, slug: str) -> list[dict[str, Any]]:
        return [p for p in self.hospital(slug)["people"] if p["role"] == "patient"]

    def url(self, slug: str, path: str = "/") -> str:
        host = f"{slug}.localhost" if slug else "localhost"
        return f"http://{host}:{self.port}{path}"

    def code(self, slug: str, person: dict[str, Any]) -> str:
        """A code that this person has not used yet."""
        return code_of(person["totp_secret"], self.spent, f"{slug}/{person['username']}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str, process: subprocess.Popen[bytes], seconds: float = 180) -> None:
    """Until the server answers 200; fails when it has ended or does not come up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as asking:
            try:
                asking.request("GET", path)
                if asking.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
        process.poll()
        select_nothing(0.1)
    pytest.fail(f"Nothing answers at port {port}.")


def select_nothing(seconds: float) -> None:
    """Waits for a moment while a process of ours comes up."""
    import select

    select.select([], [], [], seconds)


@pytest.fixture(scope="session")
def portal(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("portal")
    name = f"test_portico_journeys_{os.getpid()}"
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            server = stack.enter_context(maintenance())
            server.execute("SELECT pg_advisory_lock(7204002)")
            before = connection.settings_dict["NAME"]
            base = bare_database(server)
            connection.close()
            connection.settings_dict["NAME"] = before
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{base}"')
            server.execute("SELECT pg_advisory_unlock(7204002)")
        stack.callback(lambda: forget_login(server, name))
        stack.callback(lambda: server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        port = free_port()
        owner = {
            **os.environ,
            "DATABASE_ADMIN_URL": address_of(name),
            "DATABASE_URL": runtime_address(name),
            "PORTICO_VAR": str(folder),
            "PORT": str(port),
            "PORTICO_DEMO_EHR_PORT": str(free_port()),
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        }
        env = {key: value for key, value in owner.items() if key != "DATABASE_ADMIN_URL"} | {"PORTICO_RUNTIME": "yes"}
        python = sys.executable
        migrating = subprocess.run(
            [python, "manage.py", "hospital", "migrate"], env=owner, cwd=ROOT, capture_output=True, text=True
        )
        assert migrating.returncode == 0, migrating.stdout + migrating.stderr

        def start(*command: str) -> subprocess.Popen[bytes]:
            log = (folder / f"{Path(command[2]).name}-{command[-1][:12].replace('/', '_')}.log").open("wb")
            process = subprocess.Popen([python, *command], env=env, cwd=ROOT, stdout=log, stderr=log)
            stack.callback(stop, process)
            return process

        ehr = start("-m", "config.demo", "ehr")
        subprocess.run([python, "manage.py", "collectstatic", "--no-input", "-v0"], env=env, cwd=ROOT, check=True)
        seeding = subprocess.run(
            [python, "-m", "config.demo", "seed"], env=owner, cwd=ROOT, capture_output=True, text=True
        )
        assert seeding.returncode == 0, seeding.stdout + seeding.stderr
        assert ehr.poll() is None
        web = start("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
                    "--blocking-threads", "1", "--workers", "1", "config.wsgi:application")  # fmt: skip
        start("-m", "celery", "-A", "config.celery_app", "worker", "--concurrency", "1", "--loglevel", "WARNING")
        wait_for(port, "/readyz", web)
        yield Portal(port, json.loads((folder / "demo.json").read_text()), folder, env=env, owner=owner)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


type Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """A fresh browser profile: open_page(width=390, dark=False, scripts=True). Console errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(*, width: int = 390, dark: bool = False, scripts: bool = True, locale: str = "en-US", **more: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 800 else 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            locale=locale,
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    expected = ("the server responded with a status of 4", "the server responded with a status of 503")
    assert not [e for e in errors if not any(word in e for word in expected)], errors

"""The web server under measurement: granian over WSGI as the demo starts it, with one worker, on a free port."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config.bench.databases import url_of
from config.bench.driving import ADDRESS, Ask, Plan
from config.bench.progress import BenchFailed
from config.bench.rounds import Round
from config.runner import processes

SECONDS_TO_START = 60
SECONDS_A_ROUND = 2.0
MOST_A_ROUND = 4000


@contextmanager
def served(database: str, settings_module: str = "config.settings.bench") -> Iterator[int]:
    """The portal on that database. Gives the port."""
    port = _free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "1", "--workers", "1", "--no-ws",
        "--host", ADDRESS, "--port", str(port), "config.wsgi:application",
    ]  # fmt: skip
    log = settings.PORTICO_VAR / "log" / f"bench-{database}-{settings_module.rpartition('.')[2]}.log"
    env = processes.child_environment(
        {"DATABASE_URL": url_of(database), "DJANGO_SETTINGS_MODULE": settings_module, "PORTICO_LOG_LEVEL": "INFO"}
    )
    with processes.open_log(log) as output:
        child = processes.start(command, env=env, folder=settings.ROOT, output=output)
    try:
        _wait(child, port, log)
        yield port
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            processes.signal_group(child, signal.SIGKILL)
            child.wait()


def driven(port: int, asks: list[Ask], *, seconds: float = SECONDS_A_ROUND, most: int = MOST_A_ROUND) -> Round:
    """One round from a second process."""
    plan = Plan(port, tuple(asks), most, seconds)
    done = subprocess.run(
        [sys.executable, "-m", "config.bench.driving"], input=plan.written().encode(), capture_output=True, check=False,
        cwd=settings.ROOT, env=processes.child_environment({"PYTHONPATH": str(settings.ROOT / "platform")}),
        timeout=seconds * 10 + 60,
    )  # fmt: skip
    if done.returncode != 0:
        raise BenchFailed(done.stderr.decode().strip().splitlines()[-1])
    found = json.loads(done.stdout)
    return Round(found["seconds"], tuple(found["latencies"]))


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind((ADDRESS, 0))
        return int(bound.getsockname()[1])


def _wait(child: processes.Child, port: int, log: object) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and child.poll() is None:
        asked = http.client.HTTPConnection(ADDRESS, port, timeout=5)
        try:
            asked.request("GET", "/livez")
            if asked.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            asked.close()
    raise BenchFailed(f"The web server did not start. Its log: {log}")

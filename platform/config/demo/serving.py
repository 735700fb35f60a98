"""Runs the sandbox EHRs: fills an empty one, serves them all in one process, ends on SIGTERM."""

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import uvicorn
from joserfc.jwk import ECKey
from sekmet.config import Settings
from sekmet.fhir import search_params
from sekmet.fhir.search_params import SearchParam
from sekmet.main import create_app

from config.demo.charts import hospital_resources
from config.demo.charts.coding import Json
from config.demo.charts.places import HOSPITALS
from config.demo.sandbox import CLIENT_ID, Sandbox

# sekmet knows no search by patient for these, and answers such a search with everybody's.
_BY_PATIENT = ("CareTeam", "Goal", "FamilyMemberHistory", "QuestionnaireResponse", "NutritionOrder")


def settings_of(sandbox: Sandbox) -> Settings:
    """SMART Backend Services for the portal; nothing is simulated, logged or refused for its form."""
    public = ECKey.import_key(sandbox.key_file.read_text()).as_dict(private=False)
    client = {"client_id": CLIENT_ID, "jwks": {"keys": [public]}, "scopes": "system/*.*"}
    return Settings.model_validate({
        "base_url": sandbox.base_url,
        "host": "127.0.0.1",
        "port": sandbox.port,
        "db_path": str(sandbox.database),
        "data_dir": str(sandbox.folder),
        "facility_name": HOSPITALS[sandbox.slug].name if sandbox.slug in HOSPITALS else sandbox.slug,
        "server_auth": {"types": ["smart"], "smart_clients": [client]},
        "simulator": {"enabled": False},
        "validation": {"inbound": "off"},
        "log_inbound": False,
    })  # fmt: skip


def _teach_searches() -> None:
    for kind in _BY_PATIENT:
        known = search_params.PARAMS.setdefault(kind, {})
        path = "patient" if kind == "FamilyMemberHistory" else "subject"
        known["patient"] = SearchParam("patient", "reference", (path,), "Patient")
        known["subject"] = SearchParam("subject", "reference", (path,))


class Application:
    """sekmet's ASGI application without its web console, which would let anybody on this machine write."""

    SERVED = ("/fhir", "/auth/", "/.well-known/")

    def __init__(self, sandbox: Sandbox) -> None:
        _teach_searches()
        self._app = create_app(settings_of(sandbox))
        self.store = self._app.state.ctx.store
        self.store.kv_set("jwt_secret", (sandbox.folder / "signing_secret").read_text())

    async def __call__(self, scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(self.SERVED):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)


def fill(app: Application, resources: Sequence[Json]) -> None:
    """Stores resources under their own ids, in one transaction."""
    store = app.store
    store.conn.execute("PRAGMA synchronous = OFF")
    with store.transaction():
        for resource in resources:
            store.update(resource, origin="internal")
    store.conn.execute("PRAGMA synchronous = NORMAL")


def fill_once(app: Application, sandbox: Sandbox) -> None:
    if sandbox.seeded_on is not None:
        return
    started = time.monotonic()
    today = datetime.now(HOSPITALS[sandbox.slug].time_zone).date()  # noqa: TID251  (no Django in this process)
    resources = hospital_resources(sandbox.slug, today)
    fill(app, resources)
    _mark(sandbox, today)
    took = time.monotonic() - started
    print(f"{sandbox.slug}: {len(resources)} resources loaded in {took:.1f} s", flush=True)


def _mark(sandbox: Sandbox, day: date) -> None:
    (sandbox.folder / "seeded_on").write_text(day.isoformat())


class _Server(uvicorn.Server):
    """One of several in this process: the signals are ours to handle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(servers: Sequence[tuple[_Server, socket.socket]]) -> None:
    def stop() -> None:
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    running = [asyncio.create_task(server.serve(sockets=[bound])) for server, bound in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    stop()
    await asyncio.gather(*running)


def _bound(sandbox: Sandbox) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", sandbox.port))
    except OSError:
        sys.exit(
            f"Port {sandbox.port} is taken, so the sandbox EHR of {sandbox.slug} cannot start. "
            "Stop the program that uses it, or set PORTICO_DEMO_EHR_PORT to another number."
        )
    bound.listen(128)
    return bound


def serve(sandboxes: Sequence[Sandbox], resources: Sequence[Json] | None = None) -> None:
    """Serves until SIGTERM or SIGINT. The ports are taken first; `resources` stand in for the demo's patients."""
    bound = [_bound(sandbox) for sandbox in sandboxes]
    servers = []
    for sandbox, its_socket in zip(sandboxes, bound, strict=True):
        sandbox.prepare()
        app = Application(sandbox)
        if resources is None:
            fill_once(app, sandbox)
        else:
            fill(app, resources)
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3, lifespan="off")
        servers.append((_Server(config), its_socket))
    for sandbox in sandboxes:
        print(f"{sandbox.slug}: the sandbox EHR answers at {sandbox.base_url}", flush=True)
    asyncio.run(_serve(servers))

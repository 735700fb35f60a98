"""A FHIR server that misbehaves on request: answers by kind, written by the test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from portal.ehr.connectors.fhir_r4.client import FhirClient
from portal.ehr.connectors.fhir_r4.connector import FhirR4
from portal.ehr.registry import Access

type Json = dict[str, Any]
CLOCK = "2026-11-22T09:41:00.000Z"


class Ask:
    """One request: its path below the base, its parameters, its headers."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        parts = urlsplit(handler.path)
        self.path = parts.path.removeprefix("/fhir/").removeprefix("/")
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {key.lower(): value for key, value in handler.headers.items()}
        self.form = dict(parse_qsl(body.decode(errors="replace")))
        self.url = handler.path


class Say:
    """An answer: status, body, headers."""

    def __init__(
        self, body: bytes | Json | list[Any], status: int = 200, kind: str = "application/fhir+json", **headers: str
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.kind, self.headers = status, kind, headers


def bundle(*resources: Json, onward: str = "", **more: Any) -> Json:
    made: Json = {"resourceType": "Bundle", "type": "searchset", "meta": {"lastUpdated": CLOCK}, **more}
    made["entry"] = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    made["link"] = [{"relation": "next", "url": onward}] if onward else []
    return made


def nothing(ask: Ask) -> Say:
    del ask
    return Say(bundle())


def outcome(code: str = "not-supported") -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": "SECRET"}]}


def statement(*kinds: str, version: str = "4.0.1") -> Json:
    resources = [{"type": kind, "searchParam": [{"name": "patient"}]} for kind in kinds]
    return {"resourceType": "CapabilityStatement", "fhirVersion": version, "rest": [{"resource": resources}]}


class Fake:
    """`answers` maps a path ("Observation", "metadata", "Patient/alice") to a function of the request."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Ask], Say]] = {
            "metadata": lambda ask: Say(statement("Patient", "Observation"))
        }
        self.asked: list[Ask] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                ask = Ask(self, self.rfile.read(length))
                fake.asked.append(ask)
                say = fake.answers.get(ask.path, nothing)(ask)
                self.send_response(say.status)
                for name, value in say.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Type", say.kind)
                self.send_header("Content-Length", str(len(say.body)))
                self.end_headers()
                try:
                    self.wfile.write(say.body)
                except OSError:
                    return

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that breaks off is what these tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.base = f"{self.root}/fhir"
        self.waits: list[float] = []
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def access(self, secret: str = "", **settings: Any) -> Access:
        return Access(self.base, settings, secret, ("127.0.0.0/8",), cache_key=self.root)

    def connector(self, secret: str = "", **settings: Any) -> FhirR4:
        """A connector whose waits between tries are noted and not waited."""
        access = self.access(secret, **settings)
        return FhirR4(access, FhirClient(access, sleep=self.waits.append))

    def paths(self, path: str) -> list[Ask]:
        return [ask for ask in self.asked if ask.path == path]


@contextmanager
def faking() -> Iterator[Fake]:
    made = Fake()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()

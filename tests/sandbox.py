"""A small sandbox EHR for tests: a real FHIR server in a process of its own, with four of the demo's patients.

`sandbox_ehr` serves one for the whole session. Tests that change it clean up what they changed, or take a fresh one
with `fresh_sandbox_ehr`.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from config.demo.sandbox import CLIENT_ID, Sandbox

type Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 3, 2)
# Of mercy's roster: the rich chart, the nearly empty one, one in Arabic, one that was merged into another.
PATIENTS = ("p1001", "p1002", "p1005", "p1028")
_START = """
import json, sys
from pathlib import Path
from config.demo.sandbox import Sandbox
from config.demo.serving import serve
serve([Sandbox(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))], json.load(open(sys.argv[4])))
"""


@dataclass
class SandboxEhr:
    """`token` reads. `put` and `delete` change the EHR as its own staff would, and return at once."""

    sandbox: Sandbox
    process: subprocess.Popen[bytes]
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    _writer: str = ""

    @property
    def base_url(self) -> str:
        return self.sandbox.base_url

    @property
    def client_id(self) -> str:
        return CLIENT_ID

    @property
    def key_file(self) -> Path:
        return self.sandbox.key_file

    @property
    def key(self) -> str:
        """The portal's private key, in PEM."""
        return self.key_file.read_text()

    @property
    def token(self) -> str:
        return self.sandbox.token()

    @property
    def token_url(self) -> str:
        return f"{self.base_url.removesuffix('/fhir')}/auth/token"

    def assertion(self, **claims: Any) -> str:
        """A client assertion as RFC 7523 has it; `claims` replace single ones."""
        now = int(time.time())
        told = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": self.token_url, "exp": now + 200, "iat": now,
                "jti": os.urandom(12).hex(), **claims}  # fmt: skip
        return jwt.encode({"alg": "ES384"}, told, ECKey.import_key(self.key), algorithms=["ES384"])

    def access_token(self, scope: str, assertion: str | None = None) -> httpx.Response:
        return self.http.post(self.token_url, data={
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
        })  # fmt: skip

    def get(self, path: str, **params: str) -> Json:
        """A read or a search, relative to the base address."""
        answer = self.http.get(f"{self.base_url}/{path}", params=params, headers=self._bearing(self.token))
        answer.raise_for_status()
        return dict(answer.json())

    def put(self, resource: Json) -> Json:
        """Creates or changes a resource under its own id; gives it back with its new version."""
        where = f"{self.base_url}/{resource['resourceType']}/{resource['id']}"
        answer = self.http.put(where, json=resource, headers=self._bearing(self._write_token()))
        answer.raise_for_status()
        return dict(answer.json())

    def delete(self, kind: str, fhir_id: str) -> None:
        where = f"{self.base_url}/{kind}/{fhir_id}"
        self.http.delete(where, headers=self._bearing(self._write_token())).raise_for_status()

    def load(self, bundle: Json) -> Json:
        """A transaction, such as one that another generator made."""
        answer = self.http.post(self.base_url, json=bundle, headers=self._bearing(self._write_token()))
        answer.raise_for_status()
        return dict(answer.json())

    def _write_token(self) -> str:
        if not self._writer:
            self._writer = self.access_token("system/*.*").json()["access_token"]
        return self._writer

    def _bearing(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}


def small_hospital() -> list[Json]:
    """Mercy's own resources, and the charts of PATIENTS."""
    from config.demo.charts import hospital_resources

    def kept(resource: Json) -> bool:
        fhir_id = str(resource["id"])
        return not fhir_id.startswith("p1") or fhir_id.split("-")[0] in PATIENTS

    return [resource for resource in hospital_resources("mercy", DAY) if kept(resource)]


def foreign_bundles(count: int = 2, seed: int = 42) -> list[Json]:
    """Transactions of patients that another generator made: `urn:uuid` references, ids that the server gives."""
    from carebundle import generate_cohort, to_json

    return [json.loads(to_json(bundle)) for bundle in generate_cohort(count=count, seed=seed)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(folder: Path, resources: list[Json] | None = None) -> Iterator[SandboxEhr]:
    """A sandbox EHR with these resources, by default `small_hospital()`, until the block ends."""
    sandbox = Sandbox("mercy", folder / "ehr", free_port())
    content = folder / "resources.json"
    content.write_text(json.dumps(small_hospital() if resources is None else resources))
    path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    process = subprocess.Popen(
        [sys.executable, "-c", _START, sandbox.slug, str(sandbox.folder), str(sandbox.port), str(content)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    )
    try:
        _await_line(process)
        yield SandboxEhr(sandbox, process)
    finally:
        process.terminate()
        process.wait(15)


def _await_line(process: subprocess.Popen[bytes]) -> None:
    """The server says a line when its port is open and its charts are loaded."""
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError(f"The sandbox EHR ended with {process.wait(10)} before it was ready.")


@pytest.fixture(scope="session")
def sandbox_ehr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxEhr]:
    with serving(tmp_path_factory.mktemp("ehr")) as ehr:
        yield ehr


@pytest.fixture
def fresh_sandbox_ehr(tmp_path: Path) -> Iterator[SandboxEhr]:
    with serving(tmp_path) as ehr:
        yield ehr

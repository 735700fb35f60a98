"""EHRs that the contract is tried on: in memory, the sandbox in a process of its own, and Medplum's under Node."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from portal.ehr.connector import EHRConnector
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.registry import Access, opener
from tests.sandbox import SandboxEhr

type Json = dict[str, Any]
LOOPBACK = ("127.0.0.0/8",)


class World(Protocol):
    """An EHR whose staff can change things, and a fresh connector to it."""

    def put(self, resource: Json) -> Json: ...

    def delete(self, kind: str, fhir_id: str) -> None: ...

    def connector(self) -> EHRConnector: ...


class MemoryWorld:
    def __init__(self) -> None:
        self.address = "memory://contract"
        MemoryEHR.forget(self.address)
        self.store = MemoryEHR.at(self.address)

    def put(self, resource: Json) -> Json:
        return self.store.put(resource)

    def delete(self, kind: str, fhir_id: str) -> None:
        self.store.delete(kind, fhir_id)

    def connector(self) -> EHRConnector:
        return opener("memory")(Access(self.address))


class SandboxWorld:
    def __init__(self, ehr: SandboxEhr) -> None:
        self.ehr = ehr

    def put(self, resource: Json) -> Json:
        return self.ehr.put(resource)

    def delete(self, kind: str, fhir_id: str) -> None:
        self.ehr.delete(kind, fhir_id)

    def connector(self) -> EHRConnector:
        settings = {"auth": "smart", "client_id": self.ehr.client_id, "alg": "ES384"}
        return opener("fhir_r4")(Access(self.ehr.base_url, settings, self.ehr.key, LOOPBACK, cache_key="contract"))


class MedplumWorld:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(timeout=30, headers={"Content-Type": "application/fhir+json"})

    def put(self, resource: Json) -> Json:
        answer = self.http.put(f"{self.base_url}/{resource['resourceType']}/{resource['id']}", json=resource)
        answer.raise_for_status()
        return dict(answer.json())

    def delete(self, kind: str, fhir_id: str) -> None:
        self.http.delete(f"{self.base_url}/{kind}/{fhir_id}").raise_for_status()

    def connector(self) -> EHRConnector:
        return opener("fhir_r4")(Access(self.base_url, {"auth": "none"}, allow_networks=LOOPBACK))


@contextmanager
def medplum() -> Iterator[MedplumWorld]:
    """Starts the server; skips with a sentence where Node or its packages cannot be had."""
    source = Path(__file__).parent / "medplum"
    folder = _installed(source)
    shutil.copy(source / "server.mjs", folder)
    process = subprocess.Popen(
        [folder / "node_modules/.bin/node", "server.mjs"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            pytest.skip("Medplum's FHIR server did not start.")
        yield MedplumWorld(f"http://127.0.0.1:{port}/fhir")
    finally:
        process.terminate()
        process.wait(10)


def _installed(source: Path) -> Path:
    """The folder with the packages, installed once for each content of package.json."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("Node and npm are not installed: the second FHIR server is not tried.")
    manifest = (source / "package.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"portico-medplum-{hashlib.sha256(manifest).hexdigest()[:12]}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_bytes(manifest)
        ran = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=False, timeout=300
        )
        if ran.returncode:
            pytest.skip("npm cannot fetch Medplum's packages here: the second FHIR server is not tried.")
        (folder / "done").touch()
    return folder

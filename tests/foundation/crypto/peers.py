"""Servers that a test starts to be mistrusted: their certificates are good, expired, for another host, or nobody's."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import trustme

from config.runner import processes
from config.runner.environment import make_folders, places
from config.runner.postgres import unpacked
from config.runner.processes import Child

BAD = ("expired", "wrong host", "self-signed")
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class Authority:
    """An authority that clients trust, and what a peer may show of itself."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.file = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(self.file)

    def certificate(self, kind: str) -> trustme.LeafCert:
        match kind:
            case "expired":
                past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
                return self.ca.issue_cert("localhost", not_before=past - datetime.timedelta(days=9), not_after=past)
            case "wrong host":
                return self.ca.issue_cert("elsewhere.example")
            case "self-signed":
                return trustme.CA().issue_cert("localhost")
            case _:
                return self.ca.issue_cert("localhost")

    def server(self, kind: str = "good", newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate(kind).configure_cert(context)
        if newest is not None:
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            with warnings.catch_warnings(action="ignore"):  # it is deprecated to offer what nobody should take
                context.maximum_version = newest
        return context


class Doorman:
    """TLS in front of a server that speaks none: takes connections, and passes them on to `behind`."""

    def __init__(self, context: ssl.SSLContext, behind: str | tuple[str, int]) -> None:
        self.context, self.behind = context, behind
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])
        self.shaken = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                one, _ = self.listening.accept()
                threading.Thread(target=self._pass, args=(one,), daemon=True).start()

    def _pass(self, one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            inner = self.context.wrap_socket(one, server_side=True)
            self.shaken += 1
            family = socket.AF_UNIX if isinstance(self.behind, str) else socket.AF_INET
            outer = socket.socket(family)
            outer.connect(self.behind)
            threading.Thread(target=_copy, args=(outer, inner), daemon=True).start()
            _copy(inner, outer)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@dataclass
class Database:
    """A PostgreSQL of a test's own, under an account that it may run as, in a folder that this account may enter."""

    folder: Path
    port: int

    @classmethod
    def place(cls, name: str) -> Database:
        make_folders(places())
        folder = Path(tempfile.mkdtemp(prefix=f"portico-{name}-", dir="/tmp"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return cls(folder, int(probe.getsockname()[1]))

    @cached_property
    def programs(self) -> Path:
        return unpacked(places())

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, program: str, *arguments: str | Path, **environment: str) -> None:
        """One of PostgreSQL's programs, to its end."""
        self.own()
        child = self._start(program, *arguments, **environment)
        assert child.wait(120) == 0, self.log.read_text()

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def make(self) -> None:
        self.run("initdb", "-D", self.data, "--auth=trust", "--username=portico", "--no-sync", "--no-instructions")

    @contextlib.contextmanager
    def serving(self, settings: Mapping[str, str]) -> Iterator[None]:
        """Runs it until the block ends, on 127.0.0.1 alone."""
        self.own()
        told = {"listen_addresses": "127.0.0.1", "port": str(self.port), "fsync": "off", **settings}
        options = [part for key, value in told.items() for part in ("-c", f"{key}={value}")]
        child = self._start("postgres", "-D", self.data, "-k", self.folder, *options)
        try:
            self._wait(child)
            yield
        finally:
            child.terminate() if child.poll() is None else None
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)
            processes.signal_group(child, signal.SIGKILL)
            child.wait()

    def _wait(self, child: Child) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and child.poll() is None:
            ready = self._start("pg_isready", "-h", self.folder, "-p", str(self.port), "-q")
            if ready.wait() == 0:
                return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def _start(self, program: str, *arguments: str | Path, **environment: str) -> Child:
        with self.log.open("ab") as output:
            return processes.start(
                [self.programs / program, *arguments], env={**PLAIN_ENVIRONMENT, **environment}, folder=self.folder,
                output=output, account=places().account, dies_by=signal.SIGINT,
            )  # fmt: skip

    def own(self) -> None:
        """Everything here belongs to the account that runs the server; keys are its alone."""
        self.folder.chmod(0o700)
        account = places().account
        if account is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, account.uid, account.gid)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

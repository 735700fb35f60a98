"""Where things lie: the clone, its `var/`, and the embedded servers' folder.

As a normal user the servers live in `var/servers`. As root they cannot: PostgreSQL refuses root, and the account that
runs it instead cannot enter a clone under a 0700 home. So they live in /var/lib/portico/<hash of the clone's path>.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from .errors import CannotRun
from .progress import say

CLONE = Path(__file__).resolve().parents[3]
SHARED_STATE = Path("/var/lib/portico")
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 on Linux and 104 on macOS, with the closing zero
LONGEST_SOCKET_NAME = len("/valkey/valkey.sock")


@dataclass(frozen=True)
class Account:
    """The unprivileged account to which root's servers drop."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """The folders of one clone, and who runs its servers (None: we do)."""

    clone: Path
    var: Path
    servers: Path
    account: Account | None

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def sign_ins(self) -> Path:
        return self.var / "demo.json"

    @property
    def python(self) -> Path:
        return self.clone / ".venv" / "bin" / "python"


def path_hash(clone: Path) -> str:
    return hashlib.sha256(os.fsencode(str(clone))).hexdigest()[:16]


def places(clone: Path = CLONE, shared_state: Path = SHARED_STATE) -> Places:
    var = clone / "var"
    if os.geteuid() != 0:
        return Places(clone, var, var / "servers", None)
    return Places(clone, var, shared_state / path_hash(clone), nobody())


def nobody() -> Account:
    """initdb looks its own account up by number, so it has to be one that exists; this one exists everywhere."""
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def account_has_a_name() -> None:
    """A container may be started under any number; initdb refuses one that /etc/passwd does not know."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise CannotRun(
            f"PostgreSQL runs only for a user that has a name, and this one is just the number {os.geteuid()}. "
            "Start as another user, or set DATABASE_URL to a server of your own."
        ) from None


def make_folders(where: Places) -> None:
    """Makes `var/` and the servers' folder, and begins anew if the latter is of an earlier clone at this path."""
    where.var.mkdir(exist_ok=True)
    where.logs.mkdir(exist_ok=True)
    if where.account is None:
        where.servers.mkdir(mode=0o700, exist_ok=True)
        return
    _forget_an_earlier_clone(where)
    shared = where.servers.parent
    shared.mkdir(parents=True, exist_ok=True)
    if shared.is_symlink() or shared.stat().st_uid != 0:
        raise CannotRun(f"{shared} does not belong to root, so nothing is put into it. Remove it and start again.")
    where.servers.mkdir(exist_ok=True)
    shared.chmod(0o755)
    where.servers.chmod(0o711)  # the dropped account passes through, and lists nothing
    mark = where.var / "servers.id"
    if not mark.exists():
        mark.write_text(f"{uuid.uuid4()}\n")
        (where.servers / "id").write_text(mark.read_text())
        (where.servers / "clone").write_text(f"{where.clone}\n")


def _forget_an_earlier_clone(where: Places) -> None:
    """A clone that was removed and cloned again has its keys no more, and may have other migrations."""
    mark, found = where.var / "servers.id", where.servers / "id"
    if where.servers.exists() and not (mark.exists() and found.exists() and mark.read_text() == found.read_text()):
        say("An earlier clone at this path left a database behind: starting anew")
        shutil.rmtree(str(where.servers))
    if not where.servers.exists():
        mark.unlink(missing_ok=True)


def give(folder: Path, account: Account | None) -> Path:
    """Makes a folder that only the servers' account enters."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(str(folder), account.uid, account.gid)
    return folder


def socket_folder(where: Places, name: str) -> Path:
    """The folder of one server's socket: beside its data, or in the temporary folder if that path is too long."""
    beside = where.servers / name / "socket"
    if len(os.fsencode(str(beside))) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH:
        return give(beside, where.account)
    owner = os.geteuid() if where.account is None else where.account.uid
    short = Path(tempfile.gettempdir()) / f"portico-{owner}-{path_hash(where.clone)}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), owner):
        raise CannotRun(f"{short} belongs to somebody else. Clone into a folder with a shorter path.")
    return give(short, where.account)

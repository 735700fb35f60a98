"""Child processes: each in a group of its own, so that all of what it starts can be ended with it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from .environment import Account
from .errors import CannotRun
from .signals import Waiter

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, linux/prctl.h
_LARGEST_LOG = 10_000_000
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

type Child = subprocess.Popen[bytes]


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Ours and more. Without byte code on disk each start of Django takes three times as long."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | dict(extra)


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    folder: Path,
    output: IO[bytes] | int | None,
    account: Account | None = None,
    dies_by: signal.Signals = signal.SIGTERM,
    own_group: bool = True,
) -> Child:
    """Starts it. Should we be killed outright, the kernel sends it `dies_by` (on Linux)."""

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, for heirs too
        if _libc is not None:
            _libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(dies_by), 0, 0, 0)

    dropped: dict[str, object] = {}
    if account is not None:
        dropped = {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [str(part) for part in command],
            env=dict(env),
            cwd=folder,
            stdin=None if not own_group else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            process_group=0 if own_group else None,
            preexec_fn=prepare,
            **dropped,
        )
    except OSError as problem:
        if account is not None and problem.filename is None:
            raise CannotRun(
                "PostgreSQL refuses to run as root, and this container has no other account to run it. "
                "Start as a normal user, or set DATABASE_URL and REDIS_URL to servers of your own."
            ) from None
        raise


def open_log(path: Path) -> IO[bytes]:
    """For appending. One older file is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab", buffering=0)


def last_lines(path: Path, count: int = 15) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 20_000))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except OSError:
        return []


def signal_group(child: Child, number: signal.Signals) -> None:
    """To the child and all of its own, also when the child itself is gone already."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def end(children: Mapping[Child, signal.Signals], waiter: Waiter, seconds: float) -> None:
    """Asks all of them at once, waits, and then insists. Being asked again ourselves makes it short."""
    for child, number in children.items():
        if child.poll() is None:
            child.send_signal(number)
    deadline, asked = time.monotonic() + seconds, waiter.asked
    while any(child.poll() is None for child in children):
        if time.monotonic() > deadline or waiter.asked > asked + 1:
            break
        waiter.rest(0.05)
    for child in children:
        signal_group(child, signal.SIGKILL)
        child.wait()


def command_of(pid: int) -> str:
    """The command line of a process; empty if there is none, or only what init has not yet collected of it."""
    if sys.platform == "linux":  # where `ps` is a package that may be missing
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True)
    return answer.stdout.strip()

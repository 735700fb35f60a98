"""One holder at a time, by a lock that the kernel drops when the holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator  # noqa: UP035  (Python 3.8 reads this file too)

from .errors import CannotRun


@contextmanager
def held(path: Path, taken: str) -> Iterator[None]:
    """Holds the lock, or raises CannotRun with the sentence `taken`, in which {pid} is the holder's number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(str(path), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(file, 32).decode().strip() or "unknown"
            raise CannotRun(taken.format(pid=holder)) from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)


@contextmanager
def waited_for(path: Path) -> Iterator[None]:
    """Holds the lock as soon as whoever has it lets go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(str(path), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)

"""`make clean-demo`: what the demo, the tests and the bench left behind, but nothing that had to be fetched."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from .environment import SHARED_STATE, Places, path_hash, places
from .errors import CannotRun
from .locks import held
from .progress import show

KEPT = {"bootstrap", "installed.json", "install.lock"}  # what `make` fetched: a next start is quick
IN_USE = "It is in use: the process with the number {pid} runs it. Stop that first (Ctrl-C in its terminal)."


def run() -> int:
    where = places()
    removed = []
    with ExitStack() as stack:
        for lock in sorted(where.var.glob("*.lock")):
            if lock.name not in KEPT:
                stack.enter_context(held(lock, IN_USE))
        removed += [path for path in (where.servers, *_leftovers(where)) if _remove(path)]
    for path in removed:
        show(f"Removed {path}")
    if not removed:
        show("There is nothing to remove.")
    _tell_of_roots(where)
    return 0


def _leftovers(where: Places) -> list[Path]:
    if not where.var.is_dir():
        return []
    return sorted(path for path in where.var.iterdir() if path.name not in KEPT)


def _remove(path: Path) -> bool:
    if not path.exists() and not path.is_symlink():
        return False
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()
    except PermissionError:
        raise CannotRun(f"{path} belongs to another user. Try: sudo make clean-demo") from None
    return True


def _tell_of_roots(where: Places) -> None:
    roots = SHARED_STATE / path_hash(where.clone)
    if os.geteuid() != 0 and roots.exists():
        show(f"Root's database of this clone stays at {roots}. To remove it too: sudo make clean-demo")

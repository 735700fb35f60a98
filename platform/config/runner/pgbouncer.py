"""Finds a PgBouncer for the tests that must be refused behind one, or gets it."""

import shutil
from pathlib import Path

from . import packages
from .errors import CannotRun
from .progress import say, show

NONE = (
    "No PgBouncer was found and none could be got, so the tests behind a pooler are skipped. Install one (Debian: "
    "apt-get install pgbouncer)."
)


def find() -> Path | None:
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def run() -> int:
    """Prints the path, after getting a PgBouncer if there is none. It ends with 1 and the sentence if that fails."""
    if find() is None:
        say("Getting a PgBouncer for the tests")
        packages.install("pgbouncer")
    found = find()
    if found is None:
        raise CannotRun(NONE)
    show(str(found))
    return 0

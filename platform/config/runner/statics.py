"""Collects the static files under names with hashes, when one of them changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from .environment import Places
from .progress import say
from .supervisor import Supervisor

# Installed, but no address leads to their pages yet: their files take half a minute to compress.
NOT_ROUTED = ("wagtail*", "rest_framework", "guardian")
SOURCES = ("platform", "tenants", "themes", "cms", "billing")


def collect(where: Places, env: Mapping[str, str], supervisor: Supervisor) -> None:
    """Compressing takes seconds, looking whether it is needed does not."""
    built, stamp = where.clone / "static" / "build" / "staticfiles.json", where.var / "static.json"
    wanted = fingerprint(where.clone)
    if built.exists() and stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return
    say("Collecting the static files")
    command: list[str | Path] = [where.python, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    command += [f"--ignore={name}" for name in NOT_ROUTED]
    supervisor.step("Collecting the static files", command, env, where.clone, where.logs / "static.log")
    stamp.write_text(json.dumps(wanted))


def fingerprint(clone: Path) -> str:
    """Of every static file of ours, and of the lock, which stands for those of the packages."""
    digest = hashlib.sha256((clone / "requirements" / "dev.txt").read_bytes() + repr(NOT_ROUTED).encode())
    for file in _files(clone):
        found = file.stat()
        digest.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(clone: Path) -> Iterator[Path]:
    for root in SOURCES:
        for folder in sorted((clone / root).glob("**/static")):
            yield from (file for file in sorted(folder.rglob("*")) if file.is_file())

"""The locked requirements: each with its hashes, and no word about where they came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.supply import ROOT

LOCKS = ("base", "dev", "bootstrap")
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+?)(\[[\w,-]+\])?==([^\s;]+)(?:\s*;\s*(.*?))?\s*\\?$")
PLACE = re.compile(r"://|--(extra-)?index|--find")
HASH = re.compile(r"^--hash=sha256:([0-9a-f]{64})$")


@dataclass(frozen=True)
class Locked:
    """One requirement of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def locked(text: str) -> list[Locked]:
    """The requirements of a lock's text. Raises ValueError for a line that is neither that nor a hash."""
    found: list[Locked] = []
    for line in text.splitlines():
        plain = line.partition(" #")[0].strip() if not line.lstrip().startswith("#") else ""
        if made := REQUIREMENT.match(plain):
            found.append(Locked(made[1].lower(), made[3], (), made[4] or ""))
        elif given := HASH.match(plain.removesuffix("\\").strip()):
            last = found[-1]
            found[-1] = Locked(last.name, last.version, (*last.hashes, given[1]), last.marker)
        elif plain:
            raise ValueError(f"neither a locked requirement nor a hash: {plain[:80]}")
    return found


def wrong(text: str) -> Iterator[str]:
    try:
        requirements = locked(text)
    except ValueError as problem:
        yield str(problem)
        return
    yield from (f"{each.name} {each.version} has no hash" for each in requirements if not each.hashes)
    for line in text.splitlines():
        if PLACE.search(line) and not line.startswith("#    uv pip compile"):
            yield f"names a place: {line[:80]}"


def problems() -> Iterator[str]:
    for name in LOCKS:
        yield from (f"requirements/{name}.txt: {problem}" for problem in wrong(lock(name).read_text()))

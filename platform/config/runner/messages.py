"""Compiles translations with polib, so that nobody has to install gettext."""

from pathlib import Path

import polib

from .environment import CLONE
from .progress import say

ROOTS = ("platform", "tenants", "themes", "cms", "billing")


def run() -> int:
    compile_all(CLONE)
    return 0


def compile_all(clone: Path) -> int:
    """Writes each .mo that is missing or older than its .po; says how many."""
    sources = [po for root in ROOTS for po in sorted((clone / root).rglob("locale/*/LC_MESSAGES/*.po"))]
    stale = [po for po in sources if _is_stale(po)]
    for source in stale:
        beside = source.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(beside))
        beside.replace(source.with_suffix(".mo"))
    if stale:
        say(f"Compiled {len(stale)} translation{'s' if len(stale) > 1 else ''}")
    return len(stale)


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime <= source.stat().st_mtime

"""`python -m config.bench [PART ...] [--profile]`: measures, and prints one table."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.bench.progress import BenchFailed, say

if TYPE_CHECKING:
    from config.bench.table import Row

PARTS = ("onboarding", "pages", "walls", "audit", "sync", "fleet")


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Portico against references.")
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[[], *PARTS], help=" ".join(PARTS))
    parser.add_argument("--profile", action="store_true", help="say where the time of the pages goes")
    options = parser.parse_args(arguments)
    options.parts = [part for part in PARTS if part in (options.parts or PARTS)]
    return options


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["lighthouse"]:
        return int(importlib.import_module("config.bench.lighthouse").run())
    options = parsed(arguments)
    if not os.environ.get("DATABASE_URL"):
        say("there is no database. Start with `make bench`, or set DATABASE_URL and REDIS_URL.")
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.bench"
    os.environ["PORTICO_LOG_LEVEL"] = "ERROR"  # of this process: the web servers under measurement write their lines
    import django

    django.setup()
    return _measured(options)


def _measured(options: argparse.Namespace) -> int:
    from config.bench import databases, machine, statics, table

    began = time.monotonic()
    statics.collect()
    databases.prepared()
    heading = machine.described()
    rows: list[Row] = []
    failed = []
    for part in ["profiling"] if options.profile else options.parts:
        measure: Callable[[], list[Row]] = importlib.import_module(f"config.bench.{part}").measure
        try:
            rows += measure()
        except BenchFailed as problem:
            say(f"{part} could not be measured: {problem}")
            failed.append(part)
    print(f"\nmake bench, {heading}; {(time.monotonic() - began) / 60:.0f} min\n")
    print(table.rendered(rows), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

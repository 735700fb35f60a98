"""Lines that say what is going on, and how long it has taken since `make` began."""

from __future__ import annotations

import os
import time

_BEGAN = float(os.environ.get("PORTICO_STARTED") or time.time())


def seconds_since_start() -> int:
    return max(0, round(time.time() - _BEGAN))


def say(text: str) -> None:
    print(f"[{seconds_since_start():4d} s] {text}", flush=True)


def show(text: str = "") -> None:
    """A line for the person, without the clock."""
    print(text, flush=True)

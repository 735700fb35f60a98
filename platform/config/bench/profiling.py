"""`make bench BENCH=--profile`: where the time of home and results list goes, in this process and without a server."""

from __future__ import annotations

import cProfile
import functools
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any

import psycopg
from django.core.handlers.base import BaseHandler
from django.template.backends.django import Template

from config.bench import asking
from config.bench.asking import get
from config.bench.ground import FEW, rich_visitor
from config.bench.pages import EMPTY, PAGES, statement_address
from config.bench.progress import say
from config.bench.table import Row
from config.bench.visitors import Visitor

PART = "profile"
REQUESTS = 200
TOP = 30
# What is timed, from the outside in; the time of one stage is without those below it.
STAGES: dict[str, tuple[Any, str]] = {
    "view": (BaseHandler, "_get_response"),
    "template": (Template, "render"),
    "SQL": (psycopg.Cursor, "execute"),
}


def measure() -> list[Row]:
    visitor = rich_visitor(FEW)
    rows = []
    for page, address in PAGES.items():
        rows += _stages(page, address, visitor)
        _print_profile(page, address, visitor)
    home = statement_address("home page", visitor)
    return rows + _stages("home page: one statement", home, visitor) + _stages("empty view", EMPTY, visitor)


def _stages(page: str, address: str, visitor: Visitor) -> list[Row]:
    """Milliseconds of the clock, the median of many requests, by stage."""
    seen: list[dict[str, float]] = []
    asking.forget()  # a handler keeps the functions that it was made with
    with ExitStack() as stack:
        current: dict[str, float] = defaultdict(float)
        open_stages: list[str] = []
        for stage, (holder, name) in STAGES.items():
            stack.enter_context(_timed(holder, name, stage, current, open_stages))
        for _ in range(REQUESTS):
            current.clear()
            began = time.perf_counter()
            get(visitor.host, address, visitor.cookies)
            current["all"] = time.perf_counter() - began
            seen.append(dict(current))
    asking.forget()
    whole = median(one["all"] for one in seen)
    shares = {stage: median(one.get(stage, 0.0) for one in seen) for stage in STAGES}
    shares["middleware and the rest"] = whole - sum(shares.values())
    return [
        Row(PART, f"{page}: {stage}", f"{1000 * value:.2f} ms", "all of it", f"{1000 * whole:.2f} ms", value / whole)
        for stage, value in shares.items()
    ]  # fmt: skip


@contextmanager
def _timed(holder: Any, name: str, stage: str, current: dict[str, float], open_stages: list[str]) -> Iterator[None]:
    """Adds the time of a function to its stage, and takes it from the stage around it."""
    original: Callable[..., Any] = getattr(holder, name)

    @functools.wraps(original)
    def timing(*args: Any, **kwargs: Any) -> Any:
        open_stages.append(stage)
        began = time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            took = time.perf_counter() - began
            open_stages.pop()
            current[stage] += took
            if open_stages:
                current[open_stages[-1]] -= took

    setattr(holder, name, timing)
    try:
        yield
    finally:
        setattr(holder, name, original)


def _print_profile(page: str, address: str, visitor: Visitor) -> None:
    say(f"{PART}: {page}, {REQUESTS} requests, the {TOP} functions with the most time of their own")
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(REQUESTS):
        get(visitor.host, address, visitor.cookies)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)

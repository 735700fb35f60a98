"""The one who asks: a process of its own that reads a plan from standard input and keeps its connections open.

Bounded in number and time, and to 127.0.0.1. Imports nothing of the portal, so that it starts at once.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import cycle, islice

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the host it names, its path, and the session it carries."""

    host: str
    path: str
    cookies: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests, in turn, until `most` are done or `seconds` are over; the first `warm` of each connection are
    not counted."""

    port: int
    asks: tuple[Ask, ...]
    most: int
    seconds: float
    connections: int = 2
    warm: int = 10

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Plan:
        given = json.loads(text)
        return cls(**{**given, "asks": tuple(Ask(**ask) for ask in given["asks"])})


def main() -> None:
    plan = Plan.read(sys.stdin.read())
    with ThreadPoolExecutor(plan.connections) as pool:
        opened = [(http.client.HTTPConnection(ADDRESS, plan.port, timeout=30), asks) for asks in _shares(plan)]
        for kept, asks in opened:
            for ask in islice(asks, plan.warm):
                _one(kept, ask)
        began = time.perf_counter()
        parts = list(pool.map(lambda pair: _drive(pair[0], pair[1], plan, began), opened))
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "latencies": [latency for part in parts for latency in part]}))


def _shares(plan: Plan) -> list[Iterator[Ask]]:
    """Each connection goes through all requests; they start at different places."""
    step = max(1, len(plan.asks) // plan.connections)
    return [islice(cycle(plan.asks), start * step, None) for start in range(plan.connections)]


def _drive(kept: http.client.HTTPConnection, asks: Iterator[Ask], plan: Plan, began: float) -> list[float]:
    found = []
    for ask in islice(asks, plan.most // plan.connections):
        if time.perf_counter() - began > plan.seconds:
            break
        found.append(_one(kept, ask))
    return found


def _one(kept: http.client.HTTPConnection, ask: Ask) -> float:
    started = time.perf_counter()
    kept.request("GET", ask.path, headers={"Host": ask.host, "Cookie": ask.cookies, "Accept-Language": "en"})
    answer = kept.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{ask.host}{ask.path} answered {answer.status}, not 200")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

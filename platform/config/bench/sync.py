"""Synchronising 25 patients against the least that could be done with the same text: parse it, and COPY it away."""

from __future__ import annotations

import time
from itertools import count
from statistics import median

import msgspec
from django.db import connection

from config.bench import charts
from config.bench.databases import passing
from config.bench.progress import say
from config.bench.rounds import interleaved
from config.bench.table import Row
from foundation import clock
from foundation.tenancy import inside_public
from tenants.actions import create_hospital

PART = "sync"
PATIENTS = 25
ROUNDS = 4


def measure() -> list[Row]:
    texts = charts.written(clock.now().date(), PATIENTS)
    say(f"{PART}: {len(texts)} resources, {sum(map(len, texts)) / 1e6:.1f} MB of JSON")
    numbers = count(1)
    with passing("portico_bench_sync"):
        found = interleaved(
            {"sync": lambda: _synchronised(texts, next(numbers)), "copy": lambda: _copied(texts)}, ROUNDS
        )
    ours, theirs = median(found["sync"]), median(found["copy"])
    return [
        Row(PART, f"{PATIENTS} patients, {len(texts)} resources, EHR in memory, median of {ROUNDS}",
            f"{ours:.2f} s, {len(texts) / ours:.0f} resources/s", "parse the same JSON, COPY it into a bare table",
            f"{theirs:.3f} s", ours / theirs)
    ]  # fmt: skip


def _synchronised(texts: list[bytes], number: int) -> float:
    """The text is parsed within the time, as a server's answer would be. The hospital is a new one each time."""
    hospital = create_hospital(by=charts.BY, slug=f"sync-{number}", name=f"Hospital {number}")
    say(f"{PART}: round {number}")
    began = time.perf_counter()
    charts.offered(texts)
    charts.synchronised(hospital)
    return time.perf_counter() - began


def _copied(texts: list[bytes]) -> float:
    with inside_public(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute("CREATE TABLE bare (kind text, id text, body jsonb)")
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for text in texts:
                resource = msgspec.json.decode(text)
                copy.write_row((resource["resourceType"], resource["id"], text.decode()))
        return time.perf_counter() - began

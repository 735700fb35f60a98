"""What the record costs: the results list with its event and without, in one run."""

from __future__ import annotations

from functools import partial

from config.bench.driving import Ask
from config.bench.ground import FEW, ground, rich_visitor
from config.bench.pages import RESULTS, per_second, statements_of
from config.bench.progress import say
from config.bench.rounds import Round, interleaved, percentile, ratio
from config.bench.serving import driven, served
from config.bench.table import Row
from config.bench.visitors import Visitor

PART = "audit"
ROUNDS = 16


def measure() -> list[Row]:
    visitor = rich_visitor(FEW)
    database = ground(FEW)
    say(f"{PART}: {ROUNDS} rounds with the record and without")
    with served(database) as ours, served(database, "config.settings.bench_unaudited") as bare:
        asking = {"with": partial(_round, ours, visitor), "without": partial(_round, bare, visitor)}
        found = interleaved(asking, ROUNDS)
    return [
        Row(PART, "results list with its event: time", per_second(found["with"]), "the same without the record",
            per_second(found["without"]), ratio(found["without"], found["with"]), "<= 1.15",
            percentile(found["with"], 0.5), percentile(found["with"], 0.99), statements_of(visitor, RESULTS))
    ]  # fmt: skip


def _round(port: int, visitor: Visitor) -> Round:
    return driven(port, [Ask(visitor.host, RESULTS, visitor.cookies)])

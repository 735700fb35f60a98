"""What the hospital's database role costs: the results list with it and with the search path alone, in one run."""

from __future__ import annotations

from functools import partial

from config.bench.driving import Ask
from config.bench.ground import FEW, all_visitors, ground, rich_visitor
from config.bench.pages import RESULTS, per_second
from config.bench.progress import say
from config.bench.rounds import Round, interleaved, percentile, ratio
from config.bench.serving import driven, served
from config.bench.table import Row
from config.bench.visitors import Visitor

PART = "walls"
ROUNDS = 16


def measure() -> list[Row]:
    rich, others = rich_visitor(FEW), all_visitors(FEW)
    database = ground(FEW)
    with served(database) as ours, served(database, "config.settings.bench_no_role") as bare:
        rows = [_compared(ours, bare, "results list with the hospital's role: time", [rich], "<= 1.03")]
        # Each request of another hospital: the statement that changes path and role is part of each.
        rows.append(_compared(ours, bare, "the same, every host in turn: time", others, ""))
    return rows


def _compared(ours: int, bare: int, what: str, visitors: list[Visitor], aim: str) -> Row:
    say(f"{PART}: {what}")
    found = interleaved({"with": partial(_round, ours, visitors), "without": partial(_round, bare, visitors)}, ROUNDS)
    return Row(
        PART, what, per_second(found["with"]), "the search path alone", per_second(found["without"]),
        ratio(found["without"], found["with"]), aim, percentile(found["with"], 0.5), percentile(found["with"], 0.99),
    )  # fmt: skip


def _round(port: int, visitors: list[Visitor]) -> Round:
    return driven(port, [Ask(one.host, RESULTS, one.cookies) for one in visitors])

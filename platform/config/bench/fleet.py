"""The home page with 5 and with 200 hospitals in the database: one host, and every host in turn."""

from __future__ import annotations

from functools import partial

from config.bench.driving import Ask
from config.bench.ground import FEW, MANY, all_visitors, ground, rich_visitor
from config.bench.pages import HOME, per_second
from config.bench.progress import say
from config.bench.rounds import Round, interleaved, percentile, ratio
from config.bench.serving import driven, served
from config.bench.table import Row
from config.bench.visitors import Visitor

PART = "fleet"
ROUNDS = 8


def measure() -> list[Row]:
    one_host, in_turn = {}, {}
    for hospitals in (FEW, MANY):
        one_host[hospitals] = [rich_visitor(hospitals)]
        in_turn[hospitals] = all_visitors(hospitals)
    return [
        *_compared("home page, one host", one_host, aim=">= 0.9"),
        *_compared("home page, every host in turn", in_turn, aim=""),
    ]


def _compared(what: str, visitors: dict[int, list[Visitor]], *, aim: str) -> list[Row]:
    say(f"{PART}: {what}")
    with served(ground(FEW)) as few, served(ground(MANY)) as many:
        for port, hospitals in ((few, FEW), (many, MANY)):
            _touched(port, visitors[hospitals])
        found = interleaved(
            {"few": partial(_round, few, visitors[FEW]), "many": partial(_round, many, visitors[MANY])}, ROUNDS
        )
    return [
        Row(PART, f"{what}, {MANY} hospitals", per_second(found["many"]), f"{FEW} hospitals", per_second(found["few"]),
            ratio(found["many"], found["few"]), aim, percentile(found["many"], 0.5), percentile(found["many"], 0.99))
    ]  # fmt: skip


def _round(port: int, visitors: list[Visitor]) -> Round:
    return driven(port, [Ask(one.host, HOME, one.cookies) for one in visitors])


def _touched(port: int, visitors: list[Visitor]) -> None:
    """Each host once before the measurement: what a backend and a process read once is not what is measured."""
    driven(port, [Ask(one.host, HOME, one.cookies) for one in visitors], seconds=60, most=2 * len(visitors))

"""Home and results list of a rich chart, against one bare statement for the same data, and against nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from config.bench.asking import get, statements
from config.bench.driving import Ask
from config.bench.ground import FEW, ground, rich_visitor
from config.bench.progress import BenchFailed, say
from config.bench.rounds import Round, interleaved, percentile, rate, ratio
from config.bench.serving import driven, served
from config.bench.table import Row, at_most
from config.bench.visitors import Visitor

PART = "pages"
ROUNDS = 8
HOME, RESULTS, EMPTY = "/", "/results/", "/bench/empty"
PAGES = {"home page": HOME, "results list": RESULTS}
MOST_STATEMENTS = 8


def statement_address(page: str, visitor: Visitor) -> str:
    """The page that runs one bare statement for the data of that page."""
    return f"/bench/statement/{page.partition(' ')[0]}/{visitor.patient_id}/{visitor.user_id}"


def measure() -> list[Row]:
    visitor = rich_visitor(FEW)
    return [*_pages(visitor), *_without_tenancy(visitor)]


def _pages(visitor: Visitor) -> list[Row]:
    addresses = {"empty view": EMPTY, **PAGES}
    addresses |= {f"{page}: one statement": statement_address(page, visitor) for page in PAGES}
    counted = {name: statements_of(visitor, address) for name, address in addresses.items()}
    say(f"{PART}: {ROUNDS} rounds of {len(addresses)} pages")
    with served(ground(FEW)) as port:
        found = interleaved({name: _round(port, visitor, address) for name, address in addresses.items()}, ROUNDS)
    rows = []
    for page in PAGES:
        bare = f"{page}: one statement"
        rows.append(_row(page, found, counted[page], against=bare, named="one statement for the same data", aim=0.5))
        rows.append(_row(page, found, counted[page], against="empty view", named="empty view"))
        rows.append(_row(bare, found, counted[bare], against="empty view", named="empty view"))
        rows.append(at_most(PART, f"{page}: statements, SET and audit included", counted[page], MOST_STATEMENTS))
    return rows


def _row(
    name: str, found: Mapping[str, list[Round]], counted: int, *, against: str, named: str, aim: float | None = None
) -> Row:
    ours, theirs = found[name], found[against]
    return Row(
        PART, name, per_second(ours), named, per_second(theirs), ratio(ours, theirs),
        f">= {aim}" if aim and name == HOME_NAME else "", percentile(ours, 0.5), percentile(ours, 0.99), counted,
    )  # fmt: skip


HOME_NAME = "home page"


def _without_tenancy(visitor: Visitor) -> list[Row]:
    """Time of an empty view with tenancy by time without: the same middleware, but for the one that finds hospitals."""
    database = ground(FEW)
    with served(database) as ours, served(database, "config.settings.bench_plain") as plain:
        asking = {"with": _round(ours, visitor, EMPTY), "without": _round(plain, visitor, EMPTY)}
        found = interleaved(asking, 2 * ROUNDS)
    cost = ratio(found["without"], found["with"])
    return [
        Row(PART, "empty view with tenancy: time", per_second(found["with"]), "the same without tenancy",
            per_second(found["without"]), cost, "<= 1.05", percentile(found["with"], 0.5),
            percentile(found["with"], 0.99), 0)
    ]  # fmt: skip


def _round(port: int, visitor: Visitor, address: str) -> Callable[[], Round]:
    return partial(driven, port, [Ask(visitor.host, address, visitor.cookies)])


def per_second(rounds: list[Round]) -> str:
    return f"{rate(rounds):.0f}/s"


def statements_of(visitor: Visitor, address: str) -> int:
    """How many statements the page sends, once everything that is read once a process has been read."""
    for _ in range(2):
        with statements() as seen:
            answer = get(visitor.host, address, visitor.cookies)
        if answer.status != 200:
            raise BenchFailed(f"{address} answered {answer.status}, not 200.")
    return len(seen)

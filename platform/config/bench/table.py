"""One line of the table, and the table: Markdown, so that the README can quote it as it comes."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADER = ("Part", "What", "Result", "p50 ms", "p99 ms", "SQL", "Reference", "Its result", "Ratio", "Aim", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and what it is measured against. `ratio` is result by reference; an aim reads ">= 0.5" or "<= 1.05"."""

    part: str
    what: str
    result: str
    reference: str = ""
    reference_result: str = ""
    ratio: float | None = None
    aim: str = ""
    p50: float | None = None
    p99: float | None = None
    statements: int | None = None
    verdict: str | None = None

    @property
    def met(self) -> str:
        """ "met" or "missed"; empty where nothing was promised."""
        if self.verdict is not None:
            return self.verdict
        if self.ratio is None or not self.aim:
            return ""
        sign, bound = self.aim.split(" ")
        return _word(self.ratio >= float(bound) if sign == ">=" else self.ratio <= float(bound))

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}" if self.ratio < 0.1 else f"{self.ratio:.2f}"
        return (
            self.part, self.what, self.result, _number(self.p50), _number(self.p99),
            "" if self.statements is None else str(self.statements),
            self.reference, self.reference_result, ratio, self.aim, self.met,
        )  # fmt: skip


def at_most(part: str, what: str, value: float, bound: float, *, unit: str = "", decimals: int = 0) -> Row:
    """A line for a promise that is a number of its own, not a ratio."""
    shown = f"{value:.{decimals}f}{unit}"
    return Row(part, what, shown, aim=f"<= {bound:g}{unit}", verdict=_word(value <= bound))


def _word(kept: bool) -> str:
    return "met" if kept else "missed"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def rendered(rows: Sequence[Row]) -> str:
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)

"""Where a value lies. A verdict stands only where the source gave a range or a flag; nothing is made up.

The steps "a little" and "well" are distances in the measure of the range itself, not clinical judgements: up to a
quarter of the range's width is a little, more than its whole width is well outside. With one limit only, a tenth and
a half of that limit. A flag of the laboratory that contradicts the range wins, and is then shown as the laboratory's.
"""

from decimal import Decimal
from enum import StrEnum

from portal.records.projection.reading import number


class Verdict(StrEnum):
    NONE = ""
    USUAL = "usual"
    LITTLE_LOW = "little_low"
    LOW = "low"
    WELL_LOW = "well_low"
    LITTLE_HIGH = "little_high"
    HIGH = "high"
    WELL_HIGH = "well_high"
    CRITICAL_LOW = "critical_low"
    CRITICAL_HIGH = "critical_high"
    CRITICAL = "critical"
    FLAGGED_USUAL = "flagged_usual"
    FLAGGED_LOW = "flagged_low"
    FLAGGED_HIGH = "flagged_high"
    FLAGGED = "flagged"
    POSITIVE = "positive"
    NEGATIVE = "negative"


CRITICAL = frozenset({Verdict.CRITICAL, Verdict.CRITICAL_HIGH, Verdict.CRITICAL_LOW})
BELOW = frozenset({Verdict.LITTLE_LOW, Verdict.LOW, Verdict.WELL_LOW, Verdict.CRITICAL_LOW, Verdict.FLAGGED_LOW})
ABOVE = frozenset({Verdict.LITTLE_HIGH, Verdict.HIGH, Verdict.WELL_HIGH, Verdict.CRITICAL_HIGH, Verdict.FLAGGED_HIGH})

FLAGS = {
    "HH": Verdict.CRITICAL_HIGH, "LL": Verdict.CRITICAL_LOW, "AA": Verdict.CRITICAL,
    "H": Verdict.FLAGGED_HIGH, "HU": Verdict.FLAGGED_HIGH, "H>": Verdict.CRITICAL_HIGH, "HX": Verdict.FLAGGED_HIGH,
    "L": Verdict.FLAGGED_LOW, "LU": Verdict.FLAGGED_LOW, "L<": Verdict.CRITICAL_LOW, "LX": Verdict.FLAGGED_LOW,
    "N": Verdict.FLAGGED_USUAL, "A": Verdict.FLAGGED,
    "POS": Verdict.POSITIVE, "DET": Verdict.POSITIVE, "RR": Verdict.POSITIVE, "WR": Verdict.POSITIVE,
    "NEG": Verdict.NEGATIVE, "ND": Verdict.NEGATIVE, "NR": Verdict.NEGATIVE,
}  # fmt: skip
ORDER = (
    "HH", "LL", "H>", "L<", "AA", "H", "HU", "L", "LU", "HX", "LX", "A", "POS", "DET", "RR", "WR", "NEG", "ND", "NR",
    "N",
)  # fmt: skip


def flag_of(codes: frozenset[str]) -> Verdict:
    """The gravest flag among the interpretation codes (v3-ObservationInterpretation)."""
    return next((FLAGS[code] for code in ORDER if code in codes), Verdict.NONE)


def verdict_of(value: Decimal | None, comparator: str, low_text: str, high_text: str, flag: Verdict) -> Verdict:
    """The verdict from the range, the laboratory's flag, or both."""
    measured = _measured(value, comparator, number(low_text), number(high_text))
    if flag in CRITICAL or measured is Verdict.NONE or flag in (Verdict.POSITIVE, Verdict.NEGATIVE):
        return flag or measured
    if flag is Verdict.NONE:
        return measured
    agree = (
        (flag is Verdict.FLAGGED_USUAL and measured is Verdict.USUAL)
        or (flag is Verdict.FLAGGED_HIGH and measured in ABOVE)
        or (flag is Verdict.FLAGGED_LOW and measured in BELOW)
        or (flag is Verdict.FLAGGED and measured is not Verdict.USUAL)
    )
    return measured if agree else flag


def _measured(value: Decimal | None, comparator: str, low: Decimal | None, high: Decimal | None) -> Verdict:
    if value is None or (low is None and high is None) or (low is not None and high is not None and low > high):
        return Verdict.NONE
    if comparator:
        return _bounded(value, comparator, low, high)
    if high is not None and value > high:
        return _step(value - high, low, high, (Verdict.LITTLE_HIGH, Verdict.HIGH, Verdict.WELL_HIGH))
    if low is not None and value < low:
        return _step(low - value, low, high, (Verdict.LITTLE_LOW, Verdict.LOW, Verdict.WELL_LOW))
    return Verdict.USUAL


def _step(
    distance: Decimal, low: Decimal | None, high: Decimal | None, words: tuple[Verdict, Verdict, Verdict]
) -> Verdict:
    if low is not None and high is not None and high > low:
        share, little, well = distance / (high - low), Decimal("0.25"), Decimal(1)
    else:
        limit = abs(high if high is not None else low or Decimal(0))
        if not limit:
            return words[1]
        share, little, well = distance / limit, Decimal("0.1"), Decimal("0.5")
    return words[0] if share <= little else words[2] if share > well else words[1]


def _bounded(value: Decimal, comparator: str, low: Decimal | None, high: Decimal | None) -> Verdict:
    """ "<5" or ">100": a verdict only when every value that it allows has the same one."""
    if comparator in ("<", "<="):
        if low is not None and (value < low or (value == low and comparator == "<")):
            return Verdict.LOW
        if high is not None and value <= high and (low is None or low <= 0):
            return Verdict.USUAL
    if comparator in (">", ">="):
        if high is not None and (value > high or (value == high and comparator == ">")):
            return Verdict.HIGH
        if low is not None and high is None and value >= low:
            return Verdict.USUAL
    return Verdict.NONE

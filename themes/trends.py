"""The course of a value over time, drawn on the server. The table beside it says the same in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from themes.graphics import Number, number, percent
from themes.moments import When, number_words, read_moment

TOP, FOOT = 2.6, 8.9  # rem: the drawing's own field; words above, years below
HEIGHT = "10.6rem"
INSET = 0.03
LEAST_SPAN = 0.2
YEAR = 365.25 * 24 * 3600


class Measured(NamedTuple):
    """One measurement, at the instant it was taken."""

    moment: datetime
    value: float
    text: str


def trend_graphic(
    points: Sequence[tuple[When, Number]], low: Number | None = None, high: Number | None = None
) -> SafeString:
    """A line through `points`, (when, value), oldest first or not; the usual range as a band. Needs two points."""
    measured = sorted(_measured(points))
    if len(measured) < 2:
        return SafeString("")
    drawing = _Trend(measured, low, high, get_language_bidi())
    return format_html(
        '<svg class="trend" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        _("Your values over time"), drawing.sentence(), mark_safe(drawing.body()),  # noqa: S308  (each part is escaped)
    )  # fmt: skip


def _measured(points: Sequence[tuple[When, Number]]) -> list[Measured]:
    found = []
    for when, value in points:
        moment, amount = read_moment(when), number(value)
        if moment is not None and amount is not None:
            found.append(Measured(moment.local, amount, number_words(value)))
    return found


class _Trend:
    def __init__(self, measured: list[Measured], low: Number | None, high: Number | None, rtl: bool) -> None:
        self.measured, self.low, self.high, self.rtl = measured, number(low), number(high), rtl
        self.low_text = "" if self.low is None else number_words(str(low))
        self.high_text = "" if self.high is None else number_words(str(high))
        edges = [edge for edge in (self.low, self.high) if edge is not None]
        values = [point.value for point in measured]
        foot, top = min(values + edges), max(values + edges)
        # Without a range a small change must not look like a cliff: the field is never finer than a fifth of the value.
        lacking = 0.0 if edges else max(0.0, abs(sum(values) / len(values)) * LEAST_SPAN - (top - foot))
        foot, top = foot - lacking / 2, top + lacking / 2
        room = (top - foot) * 0.06 or abs(top) * 0.1 or 1.0
        # Without a lower limit the band goes down to the foot of the field, so nothing is drawn below it.
        self.foot, self.top = foot - (room if min(values) <= foot else 0), top + room
        self.first, self.last = measured[0].moment, measured[-1].moment
        self.seconds = (self.last - self.first).total_seconds() or 1.0

    def x(self, moment: datetime) -> float:
        share = (moment - self.first).total_seconds() / self.seconds
        return INSET + share * (1 - 2 * INSET)

    def y(self, value: float) -> float:
        return FOOT - (value - self.foot) / (self.top - self.foot) * (FOOT - TOP)

    def at(self, share: float) -> str:
        return percent(share, rtl=self.rtl)

    def sentence(self) -> str:
        words = {"first": self.measured[0].text, "last": self.measured[-1].text, "count": len(self.measured)}
        return _("%(count)s values. The first is %(first)s, the last is %(last)s.") % words

    def body(self) -> str:
        return self.band() + self.years() + self.line() + self.dots() + self.labels()

    def band(self) -> str:
        if self.low is None and self.high is None:
            return ""
        top = TOP if self.high is None else self.y(self.high)
        foot = FOOT if self.low is None else self.y(self.low)
        y = f"{top:.2f}rem"
        limit = "" if self.high is None else f'<line class="g-limit" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        words = conditional_escape(self.band_words())
        # Words stand at the foot of the band; in a thin band they would cover the line, so the page's text says it.
        side = "end" if self.rtl else "start"
        label = (
            f'<text class="g-band-name g-{side}" x="{self.at(0.017)}" y="{foot - 0.4:.2f}rem">{words}</text>'
            if foot - top > 2.6 else ""
        )  # fmt: skip
        height = f"{max(foot - top, 0):.2f}rem"
        return f'<rect class="g-field" x="0" width="100%" y="{y}" height="{height}"/>{limit}{label}'

    def band_words(self) -> str:
        words = {"low": self.low_text, "high": self.high_text}
        if self.low is None:
            return _("Usual range up to %(high)s") % words
        if self.high is None:
            return _("Usual range from %(low)s") % words
        return _("Usual range %(low)s to %(high)s") % words

    def years(self) -> str:
        """A tick at each new year and the year's number between the ticks, as many as fit."""
        drawn = [f'<line class="g-foot" x1="0" x2="100%" y1="{FOOT}rem" y2="{FOOT}rem"/>']
        first, last = self.first.year, self.last.year
        each = (last - first) // 6 + 1
        enough = min(0.09, 0.6 * YEAR / self.seconds)
        starts = [(year, self.x(self.first.replace(year=year, month=1, day=1))) for year in range(first, last + 2)]
        for (year, start), (_next, end) in pairwise(starts):
            left, right = max(start, 0.0), min(end, 1.0)
            if start > 0:
                x = self.at(start)
                drawn.append(f'<line class="g-mark" x1="{x}" x2="{x}" y1="{FOOT}rem" y2="{FOOT + 0.35}rem"/>')
            if first == last or (right - left >= enough and (last - year) % each == 0):
                x = self.at(min(max((left + right) / 2, 0.04), 0.96))
                drawn.append(f'<text class="g-year g-middle" x="{x}" y="{FOOT + 1.3}rem">{year}</text>')
        return "".join(drawn)

    def line(self) -> str:
        """Straight pieces: `points` of a polyline knows no percent, and a curve would invent values."""
        return "".join(
            f'<line class="g-trend" x1="{self.at(self.x(a.moment))}" x2="{self.at(self.x(b.moment))}"'
            f' y1="{self.y(a.value):.2f}rem" y2="{self.y(b.value):.2f}rem"/>'
            for a, b in pairwise(self.measured)
        )

    def dots(self) -> str:
        *earlier, last = self.measured
        small = "".join(self.dot(point, "0.25rem") for point in earlier) if len(earlier) <= 40 else ""
        return small + self.dot(last, "0.39rem")

    def dot(self, point: Measured, radius: str) -> str:
        x, y = self.at(self.x(point.moment)), f"{self.y(point.value):.2f}rem"
        return f'<circle class="g-dot" cx="{x}" cy="{y}" r="{radius}"/>'

    def labels(self) -> str:
        """The first value, the turning point, and the last one in bold."""
        named = {0: "g-value", len(self.measured) - 1: "g-last"}
        turn = self.turning_point()
        if turn is not None and self.apart(turn):
            named.setdefault(turn, "g-value")
        return "".join(self.label(self.measured[at], classes) for at, classes in sorted(named.items()))

    def turning_point(self) -> int | None:
        """The first of the inner points that lie farthest from where the line began."""
        first = self.measured[0].value
        inner = range(1, len(self.measured) - 1)
        turn = max(inner, key=lambda at: abs(self.measured[at].value - first), default=None)
        return None if turn is None or self.measured[turn].value == first else turn

    def apart(self, at: int) -> bool:
        """Whether a third label has room between the other two."""
        x = self.x(self.measured[at].moment)
        return 0.16 < x < 0.8

    def label(self, point: Measured, classes: str) -> str:
        x, y = self.x(point.moment), self.y(point.value)
        side = "start" if x < 0.1 else "end" if x > 0.9 else "middle"
        share = max(0.0, x - 0.01) if side == "start" else min(1.0, x + 0.01) if side == "end" else x
        above = y - 0.85 > 0.7 and not self.falls_below(point)
        place = y - 0.85 if above else y + 1.3
        words = conditional_escape(point.text)
        if self.rtl:  # digits run from the left on such pages too: the other end of the number meets the point
            side = {"start": "end", "end": "start"}.get(side, side)
        return f'<text class="{classes} g-{side}" x="{self.at(share)}" y="{place:.2f}rem">{words}</text>'

    def falls_below(self, point: Measured) -> bool:
        """A number stands on the side away from the line: below where the line rises from it, falls to it, or turns."""
        at = self.measured.index(point)
        before = self.measured[at - 1].value if at else point.value
        after = self.measured[at + 1].value if at + 1 < len(self.measured) else point.value
        return max(before, after) > point.value >= min(before, after, point.value) and self.y(point.value) + 1.3 < FOOT

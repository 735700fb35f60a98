"""Graphics of results, drawn on the server as SVG without a viewBox: x in percent, y in rem.

Bars stretch with the page; text and dots keep their size, and grow with the reader's font. For languages that are read
from the right, x becomes 100% - x. No colour says good or bad: the words beside the graphic do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from themes.moments import number_words
from themes.remembering import remembered

type Size = Literal["full", "small", "list"]
type Number = str | float
ROOM_INSIDE = 0.275  # the band's start, in parts of the width, where the value lies within
ROOM_NEAR, ROOM_FAR = 0.165, 0.385  # the same for a value above, and for one below
BAND = 0.45
EDGE = 0.05
LEAST_BAND = 0.06


@dataclass(frozen=True, slots=True)
class Axis:
    """Where things stand between 0 and 1. `low` or `high` is None where the range is open at that end."""

    low: float | None
    high: float | None
    value: float

    @property
    def start(self) -> float:
        return 0.0 if self.low is None else self.low

    @property
    def end(self) -> float:
        return 1.0 if self.high is None else self.high


def axis_for(value: float, low: float | None, high: float | None) -> Axis:
    """The band takes about 45% of the width; a value far away makes it narrower, never the value fall off."""
    if low is not None and high is not None and high > low:
        return _two_sided(value, low, high)
    if high is not None:
        return _up_to(value, high)
    if low is not None:
        return _from(value, low)
    return Axis(None, None, 0.5)


def _two_sided(value: float, low: float, high: float) -> Axis:
    span = high - low
    start = ROOM_INSIDE if low <= value <= high else ROOM_NEAR if value > high else ROOM_FAR
    width = BAND
    at = start + (value - low) / span * width
    if at > 1 - EDGE:
        width = max((1 - EDGE - start) * span / (value - low), LEAST_BAND)
        at = 1 - EDGE
    elif at < EDGE:
        end = start + BAND
        width = max((end - EDGE) * span / (high - value), LEAST_BAND)
        start, at = end - width, EDGE
    return Axis(start, start + width, at)


def _up_to(value: float, high: float) -> Axis:
    """A range such as "up to 5.6": the band begins at the edge."""
    limit = 0.6
    unit = abs(high) or 1.0
    at = limit + (value - high) / unit * limit
    return Axis(None, limit, min(max(at, EDGE), 1 - EDGE))


def _from(value: float, low: float) -> Axis:
    limit = 0.4
    unit = abs(low) or 1.0
    at = limit + (value - low) / unit * (1 - limit)
    return Axis(limit, None, min(max(at, EDGE), 1 - EDGE))


def number(value: Number | None) -> float | None:
    try:
        return None if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        return None


def percent(share: float, *, rtl: bool) -> str:
    return f"{(1 - share if rtl else share) * 100:.2f}%"


def bar(start: float, end: float, *, rtl: bool, y: str, height: str, classes: str, rounded: str = "") -> str:
    x = 1 - end if rtl else start
    radius = f' rx="{rounded}"' if rounded else ""
    place = f'x="{x * 100:.2f}%" y="{y}" width="{(end - start) * 100:.2f}%" height="{height}"'
    return f'<rect class="{classes}" {place}{radius}/>'


def range_graphic(
    value: Number, low: Number | None, high: Number | None, *, size: Size = "full", label: str = "", summary: str = ""
) -> SafeString:
    """A value on its usual range, in three sizes. Nothing where there is no range or no number."""
    return _range(value, low, high, size, str(label), str(summary), get_language() or "en")


@remembered(4_000)
def _range(
    value: Number, low: Number | None, high: Number | None, size: Size, label: str, summary: str, language: str
) -> SafeString:
    del language  # in force already: it only tells the answers apart
    at, least, most = number(value), number(low), number(high)
    if at is None or (least is None and most is None):
        return SafeString("")
    rtl = get_language_bidi()
    axis = axis_for(at, least, most)
    if size == "list":
        return _list_form(axis, rtl=rtl)
    drawing = _Drawing(axis, rtl, str(value), None if least is None else str(low), None if most is None else str(high))
    body = drawing.small() if size == "small" else drawing.full(label)
    return format_html(
        '<svg class="range range-{}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        size, _("Your value on the usual range"), summary or drawing.sentence(), mark_safe(body),  # noqa: S308  (each part is escaped)
    )  # fmt: skip


def _list_form(axis: Axis, *, rtl: bool) -> SafeString:
    at = percent(axis.value, rtl=rtl)
    return mark_safe(  # noqa: S308  (numbers of ours only)
        '<svg class="range range-list" aria-hidden="true" focusable="false">'
        '<line class="g-line" x1="0" x2="100%" y1="0.75rem" y2="0.75rem"/>'
        + bar(axis.start, axis.end, rtl=rtl, y="0.47rem", height="0.56rem", classes="g-band", rounded="1")
        + f'<circle class="g-dot" cx="{at}" cy="0.75rem" r="0.39rem"/></svg>'
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The two forms with words."""

    axis: Axis
    rtl: bool
    value: str
    low: str | None
    high: str | None

    def at(self, share: float) -> str:
        return percent(share, rtl=self.rtl)

    def sentence(self) -> str:
        words = {"value": self.value, "low": self.low, "high": self.high}
        if self.low is None:
            return _("Your value is %(value)s. The usual range is up to %(high)s.") % words
        if self.high is None:
            return _("Your value is %(value)s. The usual range is from %(low)s.") % words
        return _("Your value is %(value)s. The usual range is %(low)s to %(high)s.") % words

    def full(self, label: str) -> str:
        words = label or _("You %(value)s") % {"value": number_words(self.value)}
        return "".join(
            [
                self.text(self.axis.value, "0.95rem", words, "g-you"),
                self.stem("1.2rem", "1.6rem"),
                bar(0, 1, rtl=self.rtl, y="1.7rem", height="0.78rem", classes="g-track", rounded="0.39rem"),
                bar(self.axis.start, self.axis.end, rtl=self.rtl, y="1.7rem", height="0.78rem", classes="g-band",
                    rounded="" if self.low and self.high else "0.2rem"),
                self.ticks("1.5rem", "2.68rem"),
                f'<circle class="g-dot" cx="{self.at(self.axis.value)}" cy="2.09rem" r="0.5rem"/>',
                self.ends("3.6rem"),
                self.text((self.axis.start + self.axis.end) / 2, "4.6rem", _("Usual range"), "g-name"),
            ]
        )  # fmt: skip

    def small(self) -> str:
        words = _("You %(value)s") % {"value": number_words(self.value)}
        wide = self.axis.end - self.axis.start > 0.38
        middle = (
            self.text((self.axis.start + self.axis.end) / 2, "3.05rem", _("usual range"), "g-number") if wide else ""
        )
        return "".join(
            [
                self.text(self.axis.value, "0.9rem", words, "g-you"),
                self.stem("1.15rem", "1.4rem"),
                bar(0, 1, rtl=self.rtl, y="1.45rem", height="0.56rem", classes="g-track", rounded="0.28rem"),
                bar(self.axis.start, self.axis.end, rtl=self.rtl, y="1.45rem", height="0.56rem", classes="g-band"),
                self.ticks("1.25rem", "2.2rem"),
                f'<circle class="g-dot" cx="{self.at(self.axis.value)}" cy="1.73rem" r="0.39rem"/>',
                self.ends("3.05rem"),
                middle,
            ]
        )

    def stem(self, y1: str, y2: str) -> str:
        x = self.at(self.axis.value)
        return f'<line class="g-stem" x1="{x}" x2="{x}" y1="{y1}" y2="{y2}"/>'

    def ticks(self, y1: str, y2: str) -> str:
        ends = [share for share in (self.axis.low, self.axis.high) if share is not None]
        return "".join(f'<line class="g-tick" x1="{self.at(x)}" x2="{self.at(x)}" y1="{y1}" y2="{y2}"/>' for x in ends)

    def ends(self, y: str) -> str:
        """The numbers under the ticks. A narrow band pushes them outwards, so that they do not run together."""
        narrow = self.low is not None and self.high is not None and self.axis.end - self.axis.start < 0.22
        written = []
        for share, text, outward in ((self.axis.low, self.low, "end"), (self.axis.high, self.high, "start")):
            if share is not None and text is not None:
                written.append(self.text(share, y, number_words(text), "g-number", outward if narrow else ""))
        return "".join(written)

    def text(self, share: float, y: str, words: str, classes: str, anchor: str = "") -> str:
        """Words over a point; near an edge they begin or end there instead of being cut."""
        x = 1 - share if self.rtl else share
        if anchor:
            side = {"end": "start", "start": "end"}[anchor] if self.rtl else anchor
        elif x < 0.12:
            side, x = "start", 0.0
        elif x > 0.88:
            side, x = "end", 1.0
        else:
            side = "middle"
        return f'<text class="{classes} g-{side}" x="{x * 100:.2f}%" y="{y}">{conditional_escape(words)}</text>'

"""The course of a result over time, and one honest sentence about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.records.display.values import quantity, readable, verdict_html, when
from portal.records.projection.reading import number
from portal.records.queries.course import TrendPoint
from themes.trends import trend_graphic

# Measured by the usual range a change of a tenth is no change; measured by the value itself, one of a fiftieth.
STEADY, SWING = Decimal("0.10"), Decimal("0.25")
STEADY_ALONE, SWING_ALONE, LITTLE = Decimal("0.02"), Decimal("0.05"), Decimal("0.10")
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A line of the table beside the graphic."""

    id: str
    when: SafeString
    value: SafeString
    verdict: SafeString


@dataclass(frozen=True, slots=True)
class Course:
    heading: str
    about: str
    graphic: SafeString
    rows: tuple[CourseRow, ...]


def course_of(points: Sequence[TrendPoint], unit: str, low: str, high: str) -> Course | None:
    """The course of all values in this unit; None for fewer than two."""
    alike = [point for point in points if point.unit == unit and number(point.value_text) is not None]
    if len(alike) < ENOUGH:
        return None
    drawn = [point for point in alike if not point.comparator]
    graphic = trend_graphic([(p.date_text, readable(p.value_text)) for p in drawn], low or None, high or None)
    rows = tuple(
        CourseRow(str(p.id), when(p.date_text, "date"), quantity(p.value_text, p.unit, p.comparator),
                  verdict_html(p.verdict, short=True))
        for p in reversed(alike)
    )  # fmt: skip
    count = ngettext("%(count)s result", "%(count)s results", len(alike)) % {"count": len(alike)}
    about = _("%(count)s, in %(unit)s") % {"count": count, "unit": unit} if unit else count
    return Course(heading_of(drawn, low, high), about, graphic, rows)


def heading_of(points: Sequence[TrendPoint], low: str, high: str) -> str:
    """What the values did, measured by the usual range where there is one, else by their own size."""
    values = [value for point in points if (value := number(point.value_text)) is not None]
    if len(values) < ENOUGH:
        return _("Your results over time")
    over = _span(points[-1].sort_at - points[0].sort_at)
    least, most = number(low), number(high)
    size, steady, swings = abs(sum(values, Decimal(0))) / len(values), STEADY_ALONE, SWING_ALONE
    ranged = least is not None and most is not None and most > least
    if least is not None and most is not None and ranged:
        size, steady, swings = most - least, STEADY, SWING
    change, swing = values[-1] - values[0], max(values) - min(values)
    if not swing:
        return _("It has stayed the same over %(span)s") % {"span": over}
    if size and abs(change) <= steady * size and swing <= swings * size:
        return _("It has stayed about the same over %(span)s") % {"span": over}
    rising = all(later >= earlier for earlier, later in pairwise(values))
    falling = all(later <= earlier for earlier, later in pairwise(values))
    little = not ranged and size and abs(change) <= LITTLE * size
    if little and rising:
        return _("It has gone up a little over %(span)s") % {"span": over}
    if little and falling:
        return _("It has gone down a little over %(span)s") % {"span": over}
    if rising:
        return _("It has gone up over %(span)s") % {"span": over}
    if falling:
        return _("It has gone down over %(span)s") % {"span": over}
    if abs(change) * 2 >= swing and change:
        words = _("It has gone up over %(span)s, with ups and downs")
        fewer = _("It has gone down over %(span)s, with ups and downs")
        return (words if change > 0 else fewer) % {"span": over}
    return _("It has gone up and down over %(span)s") % {"span": over}


def _span(length: timedelta) -> str:
    days = length.days
    if days >= 548:
        years = round(days / 365.25)
        return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}
    if days >= 45:
        months = round(days / 30.44)
        return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    days = max(days, 1)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}

"""Values and dates as people read them, with the machine's form beside."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.records.projection.reading import number
from portal.records.words import SHORT_VERDICTS, VERDICTS, verdict_kind
from themes.moments import moment_html, number_words, quantity_html
from themes.remembering import remembered

MOST_DECIMALS = 4
LINE, BREAK = "\n", "<br>"
SHAPES = {"above": "▲", "below": "▼"}
LOUD = frozenset({"critical", "flagged", "positive"})


def readable(exact: str) -> str:
    """A number with the noise of its making cut off: 161.93503897408004 reads 161.94. Short ones stay as they are."""
    _whole, _dot, decimals = exact.partition(".")
    value = number(exact) if len(decimals) > MOST_DECIMALS else None
    if value is None:
        return exact
    places = 2 if abs(value) >= 1 or not value else 2 - value.adjusted()
    return format(value.quantize(Decimal(1).scaleb(-places)), "f")


@remembered(4_000)
def quantity(exact: str, unit: str = "", comparator: str = "") -> SafeString:
    """`<data value>` holds every digit of the source; the text beside it may be rounded, if it is very long."""
    short = readable(exact)
    made = quantity_html(exact, unit, comparator)
    if short == exact:
        return made
    return mark_safe(made.replace(f">{number_words(exact)}</data>", f">{number_words(short)}</data>"))  # noqa: S308  (each part is escaped)


def value_html(kind: str, said: str, unit: str, comparator: str, parts: Iterable[dict[str, Any]] = ()) -> SafeString:
    """The value of a result, whatever kind it is; empty where it has none."""
    if kind in ("quantity", "integer"):
        return quantity(said, unit, comparator)
    if kind in ("range", "ratio"):
        join = " – " if kind == "range" else " / "
        pieces = [quantity(part["value"], part.get("unit", ""), part.get("comparator", "")) for part in parts]
        return from_left(SafeString(join.join(pieces)))
    if kind == "boolean":
        return format_html('<data value="{}">{}</data>', said, _("Yes") if said == "true" else _("No"))
    if kind == "date":
        return moment_html(said)
    if kind == "period":
        return mark_safe(" – ".join(moment_html(part["date"]) for part in parts)) if parts else escape(said)  # noqa: S308  (each part is escaped)
    if kind == "sampled":
        return format_html("{}", _("A recording with %(count)s points") % {"count": said})
    return mark_safe(f"<bdi>{escape(said).replace(LINE, BREAK)}</bdi>") if said else SafeString("")  # noqa: S308  (each part is escaped)


def from_left(pair: SafeString) -> SafeString:
    """Two numbers with a mark between them read from the left in every language: 120 / 80 is never 80 / 120."""
    return format_html('<bdi dir="ltr">{}</bdi>', pair) if pair else pair


def verdict_html(verdict: str, *, short: bool = False, value: SafeString | None = None) -> SafeString:
    """The verdict in words, with its shape and, if given, the value before the words; nothing where there is none."""
    if value:
        return _verdict_html(verdict, short, value) if verdict else format_html("<strong>{}</strong>", value)
    return _verdict_alone(verdict, short, get_language() or "en") if verdict else SafeString("")


@remembered(200)
def _verdict_alone(verdict: str, short: bool, language: str) -> SafeString:
    del language  # in force already: it only tells the answers apart
    return _verdict_html(verdict, short, None)


def _verdict_html(verdict: str, short: bool, value: SafeString | None) -> SafeString:
    words = conditional_escape(str((SHORT_VERDICTS if short else VERDICTS).get(verdict, "")))
    kind = verdict_kind(verdict)
    shape = SHAPES.get(kind, "")
    mark = f'<span class="verdict-mark" aria-hidden="true">{shape}</span>' if shape else ""
    strong = "above" if kind == "unknown" and verdict in LOUD else kind
    said = f"{value} · {words}" if value else words
    return mark_safe(f'<span class="verdict verdict-{strong}">{mark}<span>{said}</span></span>')  # noqa: S308  (each part is escaped)


def range_words(low: str, high: str, unit: str = "") -> SafeString:
    """The usual range in words, its ends as `<data>`."""
    if low and high:
        return _joined(_("%(low)s to %(high)s"), low=quantity(low), high=quantity(high, unit))
    if high:
        return _joined(_("up to %(high)s"), high=quantity(high, unit))
    return _joined(_("from %(low)s"), low=quantity(low, unit)) if low else SafeString("")


def _joined(words: str, **pieces: SafeString) -> SafeString:
    return mark_safe(conditional_escape(words) % pieces)  # noqa: S308  (each part is escaped)


def joined(words: str, **pieces: str) -> SafeString:
    """A translated sentence with pieces in it, each escaped."""
    return mark_safe(conditional_escape(words) % {name: conditional_escape(piece) for name, piece in pieces.items()})  # noqa: S308  (each part is escaped)


def when(date_text: str, form: Any = "full") -> SafeString:
    """A date of the source, with its own precision; empty where it has none."""
    return moment_html(date_text, form) if date_text else SafeString("")


def span(start: str, end: str, form: Any = "date") -> SafeString:
    """A date, or from one to another."""
    if not end or end == start:
        return when(start, form)
    first, last = when(start, form), when(end, form)
    if start[:10] == end[:10]:
        return first
    return _joined(_("%(start)s to %(end)s"), start=first, end=last)


def facts(entries: Iterable[dict[str, Any]], label: Any) -> list[tuple[Any, SafeString]]:
    """The facts of a row as (label, value), in the source's order."""
    return [(label(entry["label"]), fact(entry)) for entry in entries if isinstance(entry, dict) and "label" in entry]


def fact(entry: dict[str, Any]) -> SafeString:
    if "date" in entry:
        return when(entry["date"])
    if "value" in entry:
        return quantity(entry["value"], entry.get("unit", ""), entry.get("comparator", ""))
    return format_html("<bdi>{}</bdi>", entry.get("text", ""))

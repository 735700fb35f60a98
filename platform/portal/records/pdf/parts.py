"""The parts of the copy, each a page break of its own: what the pages show, as tables and lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from foundation.permissions import Viewer
from portal.records import queries
from portal.records.display import chart
from portal.records.display.values import facts, joined, range_words, span, value_html, verdict_html, when
from portal.records.display.visits import visits_of
from portal.records.names import plain_name
from portal.records.queries.chart import all_other_items_for
from portal.records.queries.reports import ReportView, all_reports_for
from portal.records.queries.results import ResultLine, all_results_for
from portal.records.queries.visits import all_visits_for
from portal.records.words import kind_words, label_words, state_words
from themes.queries import brand

type Fact = tuple[Any, SafeString]


@dataclass(frozen=True, slots=True)
class TableRow:
    day: SafeString
    name: str
    small: str
    value: SafeString
    usual: SafeString
    verdict: SafeString


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with a list or a table under it."""

    title: str
    items: Sequence[chart.Item] = ()
    table: Sequence[TableRow] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the copy: its heading, and where its blocks come from."""

    title: Promise
    read: Callable[[Viewer], list[Block]]


def _sections(*made: Sequence[chart.Section]) -> list[Block]:
    return [Block(section.title, section.items) for sections in made for section in sections]


def _health(viewer: Viewer) -> list[Block]:
    return _sections(chart.conditions(queries.conditions_for(viewer)), chart.allergies(queries.allergies_for(viewer)))


def _medicines(viewer: Viewer) -> list[Block]:
    return _sections(chart.medications(queries.medications_for(viewer)))


def _vaccines(viewer: Viewer) -> list[Block]:
    return _sections(chart.immunizations(queries.immunizations_for(viewer)))


def _results(viewer: Viewer) -> list[Block]:
    reports = [_report(report) for report in all_reports_for(viewer)]
    table = [_line(line) for line in all_results_for(viewer, vital=False)]
    return [Block(_("Test results"), table=table), *([Block(_("Reports"), reports)] if reports else [])]


def _vitals(viewer: Viewer) -> list[Block]:
    return [Block(_("Vital signs"), table=[_line(line) for line in all_results_for(viewer, vital=True)])]


def _visits(viewer: Viewer) -> list[Block]:
    items = [
        chart.Item(
            visit.title,
            " · ".join(p for p in (visit.with_whom, visit.place, visit.reason, visit.instruction) if p),
            joined("%(day)s %(time)s", day=visit.day, time=visit.time),
            visit.state,
            "",
            visit.facts,
        )
        for visit in visits_of(all_visits_for(viewer))
    ]
    return [Block(_("Visits"), items)] if items else []


def _papers(viewer: Viewer) -> list[Block]:
    return _sections(
        chart.procedures(queries.procedures_for(viewer)),
        chart.documents(queries.documents_for(viewer)),
        chart.care_team(queries.care_team_for(viewer)),
    )


def _rest(viewer: Viewer) -> list[Block]:
    entries = all_other_items_for(viewer)
    grouped = groupby(entries, key=lambda entry: entry.extra["kind"])
    return [block for kind, mine in grouped for block in _sections(chart.others(list(mine), str(kind_words(kind))))]


PARTS = (
    Part(gettext_lazy("Health problems and allergies"), _health),
    Part(gettext_lazy("Medicines"), _medicines),
    Part(gettext_lazy("Vaccines"), _vaccines),
    Part(gettext_lazy("Test results"), _results),
    Part(gettext_lazy("Vital signs"), _vitals),
    Part(gettext_lazy("Visits"), _visits),
    Part(gettext_lazy("Procedures, documents and care team"), _papers),
    Part(gettext_lazy("Other parts of the record"), _rest),
)


def _line(line: ResultLine) -> TableRow:
    name = plain_name(line.loinc, get_language() or "en", line.title) or _("Test without a name")
    parent = line.parent_title if line.part and line.parent_title != line.title else ""
    small = " · ".join(part for part in (parent, line.title if line.title != name else "") if part)
    value = value_html(line.value_kind, line.value_text, line.unit, line.comparator, line.detail.get("parts", ()))
    state = SafeString(escape(state_words(line.status))) if line.status not in ("final", "") else SafeString("")
    notes = [entry["text"] for entry in line.detail.get("facts", ()) if entry.get("label") in ("note", "absent")]
    verdict = format_html("{} {} {}", verdict_html(line.verdict), state, " ".join(notes))
    return TableRow(when(line.date_text, "date"), name, small, value, _ranges(line), verdict)


def _ranges(line: ResultLine) -> SafeString:
    """The range that was used; without one, every range that the source gave."""
    used = range_words(line.low_text, line.high_text, line.unit)
    if used:
        return used
    given = line.detail.get("ranges", ())
    said = [format_html("{} {}", range_words(g["low"], g["high"], g["unit"]), g["text"]) for g in given]
    return SafeString("; ".join(said))


def _report(report: ReportView) -> chart.Item:
    name = plain_name(report.loinc, get_language() or "en", report.title) or _("Report")
    detail = report.detail
    told = "\n".join(
        part for part in (detail.get("conclusion", ""), *detail.get("codes", ()), detail.get("narrative", "")) if part
    )
    rows = tuple(facts(detail.get("facts", ()), label_words))
    tag = "" if report.status in ("final", "") else state_words(report.status)
    return chart.Item(name, told, span(report.date_text, report.end_text), tag, "", rows)


def html_of(part: Part, viewer: Viewer, *, first: bool, made: Any) -> str:
    """One part as a whole HTML document. The first carries the letterhead."""
    words = {
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
        "brand": brand(),
        "patient": viewer.patient,
        "part": part,
        "blocks": part.read(viewer),
        "first": first,
        "made": made,
    }
    return render_to_string("records/pdf/part.html", words)

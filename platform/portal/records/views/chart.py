"""The overview of the record, and one list for each kind of thing in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from foundation.errors import NotFound
from foundation.permissions import Viewer, requires, viewer_of
from foundation.registry import record_links
from portal.accounts.landing import places_for
from portal.records import queries
from portal.records.display import chart
from portal.records.display.overview import kinds_of
from portal.records.display.vitals import vitals_of
from portal.records.permissions import READ
from portal.records.projection.other import KINDS
from portal.records.queries.chart import PAGE, VITALS_PAGE, Entry
from portal.records.views.frame import page, page_number
from portal.records.words import kind_words


@dataclass(frozen=True, slots=True)
class Listing:
    """A list page: where its rows come from, how they are shown, and what it says when there are none."""

    title: Promise
    icon: str
    read: Callable[[Viewer, int], tuple[Entry, ...]]
    show: Callable[[Sequence[Entry]], tuple[chart.Section, ...]]
    none: Promise
    later: Promise


LISTINGS: dict[str, Listing] = {
    "conditions": Listing(
        _("Health problems"), "condition", queries.conditions_for, chart.conditions,
        _("No health problems are written down"), _("When your care team writes one down, it shows here."),
    ),
    "medications": Listing(
        _("Medicines"), "medicine", queries.medications_for, chart.medications,
        _("No medicines are written down"), _("When somebody prescribes a medicine for you, it shows here."),
    ),
    "allergies": Listing(
        _("Allergies"), "allergy", queries.allergies_for, chart.allergies,
        _("No allergies are written down"), _("If you have one, tell your care team. Then it shows here."),
    ),
    "immunizations": Listing(
        _("Vaccines"), "vaccine", queries.immunizations_for, chart.immunizations,
        _("No vaccines are written down"), _("When you get a vaccine here, it shows on this page."),
    ),
    "procedures": Listing(
        _("Procedures"), "procedure", queries.procedures_for, chart.procedures,
        _("No procedures are written down"), _("Operations and treatments show here after they are done."),
    ),
    "documents": Listing(
        _("Documents"), "document", queries.documents_for, chart.documents,
        _("There are no documents yet"), _("Letters and summaries from your visits show here."),
    ),
    "care-team": Listing(
        _("Care team"), "team", queries.care_team_for, chart.care_team,
        _("No care team is written down"), _("The people who look after you show here."),
    ),
}  # fmt: skip


@requires(READ)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    found = queries.overview_for(viewer_of(request))
    links = places_for(viewer_of(request), record_links)
    return page(request, "records/overview.html", {"kinds": kinds_of(found), "empty": found.empty, "links": links})


@requires(READ)
@require_safe
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    about = LISTINGS.get(kind)
    if about is None:
        raise NotFound
    number = page_number(request)
    entries = about.read(viewer_of(request), number)
    words = {"about": about, "title": about.title, "sections": about.show(entries[:PAGE])}
    return page(request, "records/list.html", {**words, "older": number + 1 if len(entries) > PAGE else 0})


@requires(READ)
@require_safe
def others(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise NotFound
    title, number = kind_words(kind), page_number(request)
    entries = queries.other_items_for(viewer_of(request), kind, number)
    words = {"title": title, "sections": chart.others(entries[:PAGE], str(title))}
    return page(request, "records/list.html", {**words, "older": number + 1 if len(entries) > PAGE else 0})


@requires(READ)
@require_safe
def vitals(request: HttpRequest) -> HttpResponse:
    number = page_number(request)
    found = queries.vitals_for(viewer_of(request), number)
    older = number + 1 if len(found) > VITALS_PAGE else 0
    return page(request, "records/vitals.html", {"vitals": vitals_of(found[:VITALS_PAGE]), "older": older})


@requires(READ)
@require_safe
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    found = queries.document_for(viewer_of(request), document_id)
    shown = chart.document(found)
    words: dict[str, Any] = {"document": shown, "files": shown.files}
    return page(request, "records/document.html", words)

"""The list of results, one result, one report."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.permissions import Viewer, requires, viewer_of
from portal.records.actions import note_opened
from portal.records.display.lines import groups_of, lead_of
from portal.records.display.reports import report_of
from portal.records.display.single import single_of
from portal.records.display.values import when
from portal.records.display.visits import visit_of
from portal.records.names import plain_name
from portal.records.permissions import READ
from portal.records.queries.course import earlier_for, trend_for
from portal.records.queries.reports import report_for
from portal.records.queries.results import result_for, results_for
from portal.records.queries.visits import next_visit
from portal.records.views.frame import page

TABS = (
    ("all", gettext_lazy("All")),
    ("blood", gettext_lazy("Blood")),
    ("scans", gettext_lazy("Scans")),
    ("other", gettext_lazy("Other")),
)


@requires(READ)
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    tab, before = request.GET.get("kind", "all"), request.GET.get("before", "")
    found = results_for(viewer_of(request), tab=tab, before=before)
    groups = groups_of(found.items)
    newest = [item for item in found.items if item.day == found.items[0].day]
    words = {
        "groups": groups,
        "older": found.older,
        "tab": tab,
        "tabs": TABS,
        "later": bool(before),
        "newest_day": when(found.items[0].day.isoformat(), "near_date") if groups and not before else "",
        "lead": lead_of(newest) if not before else "",
    }
    return page(request, "records/results.html", words)


@requires(READ)
@require_safe
def result(request: HttpRequest, result_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = result_for(viewer, result_id)
    shown = single_of(found, trend_for(viewer, found), earlier_for(viewer, found))
    coming = next_visit(viewer)
    _note(viewer, [found.id], already=found.opened_at is not None)
    words = {
        "result": shown,
        "next_visit": visit_of(coming) if coming else None,
        "first_time": found.opened_at is None,
    }
    return page(request, "records/result.html", words)


@requires(READ)
@require_safe
def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = report_for(viewer, report_id)
    shown = report_of(found)
    coming = next_visit(viewer)
    _note(viewer, [found.id], already=found.opened_at is not None)
    name = plain_name(found.loinc, get_language() or "en", found.title) or _("Report")
    words = {"report": shown, "name": name, "next_visit": visit_of(coming) if coming else None}
    return page(request, "records/report.html", words)


def _note(viewer: Viewer, items: list[UUID], *, already: bool) -> None:
    if not already and viewer.user_id is not None and viewer.patient is not None:
        note_opened(by=viewer.actor, user_id=viewer.user_id, patient_id=viewer.patient.id, items=items)

"""Visits, one visit, and its calendar file."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import requires, viewer_of
from foundation.tenancy import current_hospital, hospital_zone
from portal.records.calendars import calendar_of
from portal.records.display.visits import parts_shown, visit_of, visits_of
from portal.records.permissions import READ
from portal.records.projection.dates import read
from portal.records.queries.visits import parts_of_visit, visit_for, visits_for
from portal.records.views.frame import page, page_number


@requires(READ)
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    number = page_number(request)
    found = visits_for(viewer_of(request), page=number)
    coming, past = visits_of(found.coming), visits_of(found.past)
    soonest = next((visit for visit in coming if visit.ahead), None)
    words = {
        "next": soonest,
        "coming": [visit for visit in coming if visit is not soonest],
        "past": past,
        "older": found.older,
        "first": number == 0,
    }
    return page(request, "records/visits.html", words)


@requires(READ)
@require_safe
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = visit_for(viewer, visit_id)
    words = {"visit": visit_of(found), "parts": parts_shown(parts_of_visit(viewer, found))}
    return page(request, "records/visit.html", words)


@requires(READ)
@require_safe
def calendar(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    found = visit_for(viewer_of(request), visit_id)
    if found.date_precision != "time" or found.sort_at is None:
        raise NotFound
    end: datetime | None = read(found.end_text, hospital_zone()).instant
    text = calendar_of(found, end, current_hospital().name, now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(current_hospital().slug)}-visit.ics"'
    return response

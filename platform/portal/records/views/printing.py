"""A page of the record was printed, as the browser says: by the button, a key or a menu."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

from foundation.audit import record
from foundation.errors import NotFound
from foundation.permissions import requires, viewer_of
from portal.access.queries import patient_for
from portal.records.permissions import READ


@requires(READ)
@require_POST
def printed(request: HttpRequest) -> HttpResponse:
    """Notes which page it was: its route and its ids. Raises NotFound for what is no page of a record."""
    viewer = viewer_of(request)
    try:
        match = resolve(request.POST.get("page", ""))
    except Resolver404 as error:
        raise NotFound from error
    if match.app_name != "records":
        raise NotFound
    ids = [str(value) for value in match.kwargs.values() if isinstance(value, UUID)]
    target = " ".join([match.view_name, *ids])
    record("record.printed", by=viewer.actor, patient_id=patient_for(viewer).id, target=("route", target))
    return HttpResponse(status=204)

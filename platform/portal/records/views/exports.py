"""Download my record: ask for a copy, watch it being made, open it."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from foundation.audit import record
from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import requires, viewer_of
from foundation.storage import hospital_files
from foundation.tenancy import current_hospital, hospital_zone
from portal.access.queries import patient_for
from portal.records.actions import ask_for_copy, give_up_copy
from portal.records.pdf.engine import is_available
from portal.records.permissions import EXPORT
from portal.records.queries.exports import export_for, latest_export_for
from portal.records.tasks import make_copy
from portal.records.views.frame import page

REFRESH_SECONDS = 4


@requires(EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    latest = latest_export_for(viewer)
    available = is_available()
    if request.method == "POST" and available:
        if latest is not None and latest.running:
            return redirect("records:export", latest.id)
        assert viewer.user_id is not None  # patient_for has asked
        made = ask_for_copy(
            by=viewer.actor, user_id=viewer.user_id, patient=patient_for(viewer), language=get_language() or "en"
        )
        try:
            make_copy.send(current_hospital(), export_id=str(made))
        except OperationalError:  # the queue does not answer: better said now than waited for
            give_up_copy(by=viewer.actor, export_id=made)
        return redirect("records:export", made)
    return page(request, "records/exports.html", {"latest": latest, "available": available})


@requires(EXPORT)
@require_safe
def export(request: HttpRequest, export_id: UUID) -> HttpResponse:
    found = export_for(viewer_of(request), export_id)
    return page(request, "records/export.html", {"copy": found, "seconds": REFRESH_SECONDS})


@requires(EXPORT)
@require_safe
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    viewer = viewer_of(request)
    found = export_for(viewer, export_id)
    if not found.ready or not hospital_files().exists(found.file_key):
        raise NotFound
    record("export.read", by=viewer.actor, patient_id=patient_for(viewer).id, target=("export", str(found.id)))
    day = now().astimezone(hospital_zone()).date().isoformat()
    name = f"{slugify(current_hospital().slug)}-record-{day}.pdf"
    response = FileResponse(hospital_files().open(found.file_key), as_attachment=True, filename=name)
    response["Content-Type"] = "application/pdf"
    response["X-Content-Type-Options"] = "nosniff"
    return response

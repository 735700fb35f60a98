"""One's own data: what is kept, a copy of it, and asking for a correction or for an end."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from foundation.clock import now
from foundation.permissions import requires, viewer_of
from foundation.storage import hospital_files
from foundation.tenancy import current_hospital, hospital_zone
from portal.access.queries import patient_for
from portal.personal.actions import ask_for_copy, give_up_copy, hand_out_copy, make_request, withdraw_request
from portal.personal.errors import CopyIsGone
from portal.personal.forms import CorrectForm, EraseForm
from portal.personal.keeping import what_is_kept
from portal.personal.models import DataCopy, DataRequest
from portal.personal.permissions import ASK, OWN
from portal.personal.queries import copy_for, latest_copy_for, request_of, requests_of
from portal.personal.tasks import make_copy
from portal.personal.tidying import copy_life
from portal.personal.views.frame import confirm_url, proved_lately, to_confirm

REFRESH_SECONDS = 4


@requires(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    latest = latest_copy_for(viewer)
    if request.method == "POST":
        return redirect("personal:copy", latest.id if latest and latest.running else _ask(request))
    words = {
        "copy": latest,
        "requests": requests_of(viewer),
        "patient": viewer.patient,
        "hours": _hours(),
        "kept": what_is_kept(viewer),
    }
    return render(request, "personal/overview.html", words)


def _hours() -> int:
    return int(copy_life().total_seconds() // 3600)


def _ask(request: HttpRequest) -> UUID:
    viewer = viewer_of(request)
    assert viewer.user_id is not None  # @requires stands before
    made = ask_for_copy(
        by=viewer.actor, user_id=viewer.user_id, patient=viewer.patient, language=get_language() or "en"
    )
    try:
        make_copy.send(current_hospital(), copy_id=str(made))
    except OperationalError:  # the queue does not answer: better said now than waited for
        give_up_copy(by=viewer.actor, copy=DataCopy.objects.get(id=made), fault=DataCopy.Fault.QUEUE)
    return made


@requires(OWN)
@require_safe
def copy(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    found = copy_for(viewer_of(request), copy_id)
    words = {
        "copy": found, "seconds": REFRESH_SECONDS, "hours": _hours(), "proved": proved_lately(request),
        "confirm_url": confirm_url(request.path),
    }  # fmt: skip
    return render(request, "personal/copy.html", words)


@requires(OWN)
@require_POST
def copy_file(request: HttpRequest, copy_id: UUID) -> HttpResponseBase:
    """Hands the file out and forgets it: it is open in this process, and nowhere else any more."""
    viewer = viewer_of(request)
    found = copy_for(viewer, copy_id)
    if not found.ready:
        raise CopyIsGone
    if not proved_lately(request):
        return to_confirm(reverse("personal:copy", args=[found.id]))
    store = hospital_files()
    try:
        file = store.open(found.file_key)
    except (FileNotFoundError, SuspiciousFileOperation) as error:
        raise CopyIsGone from error
    try:
        hand_out_copy(by=viewer.actor, copy_id=found.id, patient_id=found.patient_id, items=found.items)
    except CopyIsGone:
        file.close()
        raise
    store.delete(found.file_key)
    day = now().astimezone(hospital_zone()).date().isoformat()
    name = f"{slugify(current_hospital().slug)}-my-data-{day}.zip"
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Type"] = "application/zip"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@requires(ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    return _asking(request, CorrectForm(request.POST or None), DataRequest.Kind.CORRECT, "personal/correct.html")


@requires(ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """The form is empty as a rule: a POST is a POST all the same."""
    form = EraseForm(request.POST if request.method == "POST" else None)
    return _asking(request, form, DataRequest.Kind.ERASE, "personal/erase.html")


def _asking(request: HttpRequest, form: forms.Form, kind: DataRequest.Kind, template: str) -> HttpResponse:
    viewer = viewer_of(request)
    patient = patient_for(viewer)
    assert viewer.user_id is not None  # patient_for has asked
    if not (form.is_bound and form.is_valid()):
        return render(request, template, {"form": form})
    words = form.cleaned_data["words"]
    made = make_request(by=viewer.actor, user_id=viewer.user_id, patient=patient, kind=kind, words=words)
    messages.success(request, _("Your request is sent."))
    return redirect("personal:request", made)


@requires(ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def own_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """A POST takes the request back."""
    viewer = viewer_of(request)
    found = request_of(viewer, request_id)
    if request.method == "POST":
        withdraw_request(by=viewer.actor, request_id=found.id, patient=patient_for(viewer))
        messages.success(request, _("Your request is taken back."))
        return redirect("personal:overview")
    return render(request, "personal/request.html", {"asked": found})

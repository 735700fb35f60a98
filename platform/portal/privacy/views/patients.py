"""Finding a patient, and what the officer sees of one: the latest looks, the flag, what was given out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.audit import record
from foundation.audit.queries import Search
from foundation.permissions import requires, viewer_of
from portal.privacy import actions
from portal.privacy.display import row_of
from portal.privacy.forms import FlagForm
from portal.privacy.models import Flag
from portal.privacy.permissions import REVIEW
from portal.privacy.queries.names import known, patients_called
from portal.privacy.queries.review import search_events
from portal.privacy.views.frame import filled, keep, kept_search

LATEST = 10


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def patients(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect(f"{request.path}?search={keep(request, filled(request.POST, {'called': None}))}")
    text = kept_search(request).get("called", "").strip()[:100]
    found = patients_called(text) if text else []
    if text:
        record("patients.searched", by=viewer_of(request).actor, count=len(found))
    flagged = Flag.objects.filter(ended_at=None).select_related("patient").order_by("-set_at")[:50]
    return render(request, "privacy/patients.html", {"text": text, "found": found, "flagged": flagged})


@requires(REVIEW)
@require_safe
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    who = known(patient_id)
    found = search_events(viewer_of(request).actor, Search(patient_ids=(patient_id,)))
    words = {
        "patient": who, "rows": [row_of(entry, found.names) for entry in found.entries[:LATEST]],
        "flag": Flag.objects.filter(patient_id=patient_id, ended_at=None).select_related("set_by").first(),
    }  # fmt: skip
    return render(request, "privacy/patient.html", words)


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    who = known(patient_id)
    form = FlagForm(request.POST or None)
    if form.is_bound and form.is_valid():
        actions.set_flag(by=viewer_of(request).actor, patient_id=patient_id, reason=form.cleaned_data["reason"])
        messages.success(request, _("The record is under special watch now."))
        return redirect("privacy:patient", patient_id)
    return render(request, "privacy/flag.html", {"patient": who, "form": form})


@requires(REVIEW)
@require_POST
def end(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    actions.end_flag(by=viewer_of(request).actor, patient_id=patient_id)
    messages.success(request, _("The special watch has ended."))
    return redirect("privacy:patient", patient_id)

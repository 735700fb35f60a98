"""The officer's search of the record, one event, and files of what a search finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.audit import fhir
from foundation.audit.queries import Search
from foundation.clock import now
from foundation.errors import NotFound
from foundation.permissions import requires, viewer_of
from foundation.tenancy import HospitalRecord, current_hospital
from portal.privacy import actions
from portal.privacy.display import detail_of, row_of
from portal.privacy.exporting import events_csv, events_fhir
from portal.privacy.forms import SearchForm, lately
from portal.privacy.permissions import REVIEW
from portal.privacy.queries.names import known
from portal.privacy.queries.review import one_event, search_events
from portal.privacy.views.frame import filled, keep, kept_search

FORMS = {"csv": ("csv", "text/csv; charset=utf-8"), "ndjson": ("ndjson", "application/fhir+ndjson"),
         "bundle": ("json", "application/fhir+json")}  # fmt: skip


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def events(request: HttpRequest) -> HttpResponse:
    """A search is posted, kept in the session and answered under an address that says nothing of it."""
    if request.method == "POST":
        form = SearchForm(request.POST)
        if not form.is_valid():
            return render(request, "privacy/events.html", {"form": form, "wrong": True, "more": True})
        return redirect(f"{request.path}?search={keep(request, filled(request.POST, SearchForm.base_fields))}")
    patient_id = request.GET.get("patient", "")
    asked = kept_search(request) or ({"patient": patient_id} if patient_id else {})
    form = SearchForm(asked or lately())
    if not form.is_valid():
        raise NotFound
    return _found(request, form, asked)


def _found(request: HttpRequest, form: SearchForm, asked: dict[str, str]) -> HttpResponse:
    found = search_events(viewer_of(request).actor, form.search(), before=request.GET.get("before", ""))
    address = {name: request.GET[name] for name in ("search", "patient") if request.GET.get(name)}
    patient = form.cleaned_data["patient"]
    shown = {
        "form": form, "rows": [row_of(entry, found.names) for entry in found.entries], "query": form.data,
        "older": "?" + urlencode({**address, "before": found.older}) if found.older else "", "asked": bool(asked),
        "more": any(form.cleaned_data[name] for name in ("outcome", "address", "text")),
        "patient": known(patient) if patient else None, "later": "before" in request.GET,
    }  # fmt: skip
    return render(request, "privacy/events.html", shown)


@requires(REVIEW)
@require_safe
def event(request: HttpRequest, number: int) -> HttpResponse:
    entry, names = one_event(viewer_of(request).actor, number)
    shown = {"row": row_of(entry, names), "details": detail_of(entry, names)}
    return render(request, "privacy/event.html", shown)


@requires(REVIEW)
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The file goes out as it is read. That it was made, and of how many events, is written before its first byte."""
    form = SearchForm(request.POST)
    kind = request.POST.get("as", "csv")
    if not form.is_valid() or kind not in FORMS:
        raise NotFound
    search, _count = actions.begin_export(by=viewer_of(request).actor, search=form.search(), form=kind)
    ending, sort = FORMS[kind]
    hospital = current_hospital()
    answer = StreamingHttpResponse(_written(hospital, search, kind, request), content_type=sort)
    stamp = now().astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    answer["Content-Disposition"] = f'attachment; filename="{hospital.slug}-looks-{stamp}.{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _written(hospital: HospitalRecord, search: Search, kind: str, request: HttpRequest) -> Iterator[bytes]:
    if kind == "csv":
        return events_csv(hospital, search)
    url = request.build_absolute_uri("/")
    return events_fhir(hospital, search, url, fhir.bundle if kind == "bundle" else fhir.ndjson)

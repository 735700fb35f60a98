"""The vendor's entry page and the list of hospitals."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from console.queries import hospital_rows
from foundation.permissions import open_to_all, requires, viewer_of


@open_to_all
@require_safe
def entry(request: HttpRequest) -> HttpResponse:
    """Says what this host is. It names no hospital: who comes here by mistake gets the way to theirs."""
    viewer = viewer_of(request)
    if viewer.may("console.hospitals"):
        return redirect("console:hospitals")
    return render(request, "console/entry.html")


@requires("console.hospitals")
@require_safe
def hospitals(request: HttpRequest) -> HttpResponse:
    return render(request, "console/hospitals.html", {"rows": hospital_rows(viewer_of(request))})

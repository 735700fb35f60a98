"""The admin's page about the connection."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from foundation.audit import record
from foundation.permissions import requires, viewer_of
from portal.ehr.actions import ask_for_sync
from portal.ehr.errors import NoConnection
from portal.ehr.health import health


@requires("ehr.connection.view")
@require_GET
def connection_page(request: HttpRequest) -> HttpResponse:
    found = health()
    record("connection.viewed", by=viewer_of(request).actor)
    return render(request, "ehr/connection.html", {"health": found})


@requires("ehr.connection.sync")
@require_POST
def synchronise_now(request: HttpRequest) -> HttpResponse:
    try:
        ask_for_sync(by=viewer_of(request).actor)
    except NoConnection as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The synchronization was asked for. It starts in a moment."))
    return redirect("ehr:connection")

"""The hospital's open alarms: what happened, what to do, and closing one with a note."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation.audit import record
from foundation.audit.alarms import close_alarm
from foundation.errors import NotFound
from foundation.permissions import requires, viewer_of
from portal.privacy.forms import CloseForm
from portal.privacy.permissions import ALARMS
from portal.privacy.queries.alarms import theirs


@requires(ALARMS)
@require_safe
def alarms(request: HttpRequest) -> HttpResponse:
    record("alarms.viewed", by=viewer_of(request).actor)
    return render(request, "privacy/alarms.html", {"alarms": theirs()})


@requires(ALARMS)
@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    found = next((alarm for alarm in theirs() if alarm.id == alarm_id), None)
    if found is None:
        raise NotFound
    form = CloseForm(request.POST or None)
    if form.is_bound and form.is_valid():
        close_alarm(by=viewer_of(request).actor, alarm_id=alarm_id, note=form.cleaned_data["note"])
        messages.success(request, _("The alarm is closed."))
        return redirect("privacy:alarms")
    return render(request, "privacy/alarm.html", {"alarm": found, "form": form})

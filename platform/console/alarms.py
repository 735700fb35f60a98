"""The open alarms, for those who run Portico: what happened, where, who reads it, what to do; and closing one.

The vendor closes alarms of `public`. A hospital's are shown with their kind and place alone; its own people close them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from foundation import audit
from foundation.audit.alarms import OpenAlarm, close_alarm, open_alarms
from foundation.audit.rounds import late_places
from foundation.errors import NotFound
from foundation.permissions import Viewer, requires, viewer_of
from foundation.tenancy import HospitalRecord, inside, inside_public
from portal.accounts.models import Role
from tenants.queries import all_hospitals


class CloseForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What was done about it?"), max_length=500, widget=forms.Textarea({"rows": 4})
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One alarm in the list. `hospital` is None for the vendor's own."""

    alarm: OpenAlarm
    hospital: HospitalRecord | None

    @property
    def readers(self) -> list[str | Promise]:
        return readers_of(self.alarm)


def readers_of(alarm: OpenAlarm) -> list[str | Promise]:
    """The roles that read it, in words."""
    known = dict(Role.choices)
    return [known.get(role, role) for role in alarm.readers]


def lines(viewer: Viewer) -> list[Line]:
    """Every open alarm, the vendor's first. A hospital whose database cannot be read does not hide the others."""
    audit.record("alarm.listed", by=viewer.actor)
    with inside_public():
        found = [Line(alarm, None) for alarm in open_alarms()]
    for hospital in all_hospitals():
        try:
            with inside(hospital):
                found += [Line(alarm, hospital) for alarm in open_alarms() if "operator" in alarm.readers]
        except Error:
            continue
    return found


@requires("console.alarms")
@require_safe
def alarms(request: HttpRequest) -> HttpResponse:
    late = late_places()
    words = {"lines": lines(viewer_of(request)), "late": late, "late_names": [place.name for place in late]}
    return render(request, "console/alarms.html", words)


@requires("console.alarms")
@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = next((one for one in open_alarms() if one.id == alarm_id), None)
    if found is None:
        raise NotFound
    form = CloseForm(request.POST or None)
    if form.is_bound and form.is_valid():
        close_alarm(by=viewer.actor, alarm_id=alarm_id, note=form.cleaned_data["note"])
        messages.success(request, _("The alarm is closed."))
        return redirect("console:alarms")
    return render(request, "console/alarm.html", {"alarm": found, "readers": readers_of(found), "form": form})

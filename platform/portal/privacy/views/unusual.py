"""The report of unusual looks: cases, one case with its review, and making it now."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from foundation.audit.queries import events
from foundation.permissions import requires, viewer_of
from foundation.tenancy import current_hospital
from portal.privacy import actions
from portal.privacy.display import row_of
from portal.privacy.forms import ReviewForm
from portal.privacy.models import Finding
from portal.privacy.permissions import REVIEW
from portal.privacy.queries.findings import case_of, cases, last_report
from portal.privacy.queries.names import names_of
from portal.privacy.tasks import report as make
from portal.privacy.unusual import RULES
from portal.privacy.unusual.places import UNREADABLE, UNSET

SHOWN = 50
WHY_OFF = {
    UNSET: gettext_lazy("Off: no database of places is set up (PORTICO_PLACES_DB)."),
    UNREADABLE: gettext_lazy("Off: the file with the places cannot be read (PORTICO_PLACES_DB)."),
}


@requires(REVIEW)
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state") or Finding.State.OPEN.value
    last = last_report()
    off = last.off if last else {}
    words = {
        "cases": cases(viewer_of(request).actor, state=state), "state": state, "last": last,
        "states": [(value, label) for value, label in Finding.State.choices],
        "rules": [(rule.title, WHY_OFF.get(off.get(key, ""), "")) for key, rule in RULES.items()],
    }  # fmt: skip
    return render(request, "privacy/unusual.html", words)


@requires(REVIEW)
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    try:
        make.send(current_hospital())
        messages.success(request, _("The report is being made. Look again in a minute."))
    except OperationalError:
        messages.error(request, _("The report could not be started. Try again in a few minutes."))
    return redirect("privacy:unusual")


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    by = viewer_of(request).actor
    case = case_of(by, finding_id)
    form = ReviewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        actions.review(by=by, finding_id=finding_id, **form.cleaned_data)
        messages.success(request, _("Your review is saved."))
        return redirect("privacy:unusual")
    numbers = sorted({number for why in case.whys for number in why.events}, reverse=True)
    found = events(numbers[:SHOWN])
    names = names_of(entry.patient_id for entry in found)
    words = {"case": case, "form": form, "rows": [row_of(entry, names) for entry in found],
             "more": len(numbers) - len(found)}  # fmt: skip
    return render(request, "privacy/finding.html", words)

"""What was given out about a patient: the patient's own page and the officer's, as page, CSV and PDF."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation.audit import Actor
from foundation.clock import now
from foundation.errors import Unavailable
from foundation.permissions import requires, viewer_of
from foundation.tenancy import current_hospital, hospital_zone
from portal.access.queries import patient_for
from portal.privacy import actions
from portal.privacy.exporting import MARK, line
from portal.privacy.forms import DisclosureForm
from portal.privacy.permissions import OWN, REVIEW
from portal.privacy.queries.disclosures import Given, first_day, given_of
from portal.privacy.queries.names import known
from portal.records.pdf.engine import Press, is_available
from portal.records.pdf.style import style_of
from themes.queries import brand


def _page(request: HttpRequest, template: str, by: Actor, patient_id: UUID, **more: object) -> HttpResponse:
    today = now().astimezone(hospital_zone()).date()
    words = {"given": given_of(by, patient_id), "since": first_day(today), "pdf": is_available(), **more}
    return render(request, template, words)


@requires(OWN)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    return _page(request, "privacy/given.html", viewer.actor, patient_for(viewer).id)


@requires(OWN)
@require_safe
def own_csv(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    return _csv(given_of(viewer.actor, patient_for(viewer).id, event="disclosures.exported"))


@requires(OWN)
@require_safe
def own_pdf(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    patient = patient_for(viewer)
    return _pdf(given_of(viewer.actor, patient.id, event="disclosures.exported"), patient.name)


@requires(REVIEW)
@require_safe
def of_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    by = viewer_of(request).actor
    return _page(request, "privacy/patient_given.html", by, known(patient_id).id, patient=known(patient_id))


@requires(REVIEW)
@require_safe
def patient_csv(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    return _csv(given_of(viewer_of(request).actor, known(patient_id).id, event="disclosures.exported"))


@requires(REVIEW)
@require_safe
def patient_pdf(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    who = known(patient_id)
    return _pdf(given_of(viewer_of(request).actor, who.id, event="disclosures.exported"), who.name)


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    who = known(patient_id)
    form = DisclosureForm(request.POST or None)
    if form.is_bound and form.is_valid():
        actions.note_disclosure(by=viewer_of(request).actor, patient_id=patient_id, **form.cleaned_data)
        messages.success(request, _("It is written down, and the patient sees it."))
        return redirect("privacy:patient_given", patient_id)
    return render(request, "privacy/given_add.html", {"patient": who, "form": form})


def _file(content: bytes, sort: str, ending: str) -> HttpResponse:
    day = now().astimezone(hospital_zone()).date().isoformat()
    name = f'attachment; filename="{current_hospital().slug}-given-out-{day}.{ending}"'
    return HttpResponse(content, sort, headers={"Content-Disposition": name, "X-Content-Type-Options": "nosniff"})


def _csv(given: Iterable[Given]) -> HttpResponse:
    head = line([_("Day"), _("Who got it"), _("Address"), _("What"), _("Why")])
    rows = "".join(line([g.day.isoformat(), g.recipient, g.address, g.what, g.purpose]) for g in given)
    return _file(f"{MARK}{head}{rows}".encode(), "text/csv; charset=utf-8", "csv")


def _pdf(given: list[Given], name: str) -> HttpResponse:
    if not is_available():
        raise Unavailable
    look = brand()
    today = now().astimezone(hospital_zone()).date()
    html = render_to_string(
        "privacy/pdf/given.html",
        {"given": given, "name": name, "look": look, "since": first_day(today), "today": today},
    )
    with Press(style_of(f"{look.name} · {name}", look.tokens.light.primary)) as press:
        press.lay_out(html)
        made = press.bind()
    return _file(made, "application/pdf", "pdf")

"""Who looked at my record: the list, one event with the question about it, a question with its answer."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation.permissions import requires, viewer_of
from foundation.tenancy import hospital_zone
from portal.access.queries import patient_for
from portal.privacy import actions
from portal.privacy.forms import QuestionForm
from portal.privacy.looks import WHO_WORDS, Around, line_of
from portal.privacy.permissions import OWN
from portal.privacy.queries.own import look_for, looks_for
from portal.privacy.queries.questions import own_question, own_questions


@requires(OWN)
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    own = request.GET.get("of") == "me"
    who, time = request.GET.get("who", ""), request.GET.get("time") or "all"
    before = request.GET.get("before", "")
    found = looks_for(viewer, own=own, who=who, time=time, before=before)
    kept = {"of": "me" if own else "", "who": "" if own else who, "time": "" if time == "all" else time}
    kept = {key: value for key, value in kept.items() if value}
    words = {
        "looks": found, "own": own, "who": who, "time": time, "kinds": [(k.value, w) for k, w in WHO_WORDS.items()],
        "times": [("month", _("Last 30 days")), ("year", _("Last 12 months")), ("all", _("All"))],
        "filtered": bool(who or time != "all"), "before": before, "questions": own_questions(viewer),
        "older": "?" + urlencode({**kept, "before": found.older}) if found.older else "",
    }  # fmt: skip
    return render(request, "privacy/looks.html", words)


@requires(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest, number: int) -> HttpResponse:
    viewer = viewer_of(request)
    line = look_for(viewer, number)
    form = QuestionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        return _asked(request, form.cleaned_data["text"], number)
    return render(request, "privacy/look.html", {"line": line, "form": form})


@requires(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_about_all(request: HttpRequest) -> HttpResponse:
    form = QuestionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        return _asked(request, form.cleaned_data["text"], None)
    return render(request, "privacy/look.html", {"line": None, "form": form})


def _asked(request: HttpRequest, text: str, number: int | None) -> HttpResponse:
    viewer = viewer_of(request)
    made = actions.ask(by=viewer.actor, patient=patient_for(viewer), text=text, event_id=number)
    messages.success(request, _("Your question is with the privacy officer. The answer comes on this page."))
    return redirect("privacy:own_question", made)


@requires(OWN)
@require_safe
def question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found, event = own_question(viewer, question_id)
    line = line_of([event], Around(viewer.user_id, hospital_zone(), {}, {})) if event else None
    return render(request, "privacy/own_question.html", {"question": found, "line": line})

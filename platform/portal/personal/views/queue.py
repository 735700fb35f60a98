"""The queue: what patients ask about their data, and answering it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.errors import NotFound
from foundation.permissions import requires, viewer_of
from portal.personal.actions import answer_request
from portal.personal.erasing import erase_person, preview, subject_of
from portal.personal.forms import AnswerForm, RefuseForm
from portal.personal.permissions import ANSWER
from portal.personal.queries import RequestView, asked_of_us, queue_for
from portal.personal.views.frame import confirm_url, proved_lately, to_confirm


@requires(ANSWER)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    answered = request.GET.get("show") == "answered"
    words = {"requests": queue_for(viewer_of(request), answered=answered), "answered": answered}
    return render(request, "personal/queue.html", words)


@requires(ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request with what can be done about it. A POST answers it."""
    viewer = viewer_of(request)
    found = asked_of_us(viewer, request_id)
    form = (RefuseForm if found.erases else AnswerForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = form.cleaned_data.get("outcome") == AnswerForm.DONE
        answer_request(
            by=viewer.actor, request_id=found.id, patient_id=found.patient_id, done=done,
            answer=form.cleaned_data["answer"],
        )  # fmt: skip
        messages.success(request, _("Your answer is saved. The patient sees it on their page."))
        return redirect("personal:queue")
    return render(request, "personal/asked.html", {"asked": found, "form": form})


@requires(ANSWER)
@require_safe
def erasure(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """What would be erased, what would be kept and why, and the button."""
    found = _open_erasure(request, request_id)
    subject = subject_of(found.patient_id, found.user_id)
    lines = list(preview(subject))
    words = {
        "asked": found, "taken": [line for line in lines if not line.kept],
        "kept": [line for line in lines if line.kept], "account": subject.user_id is not None,
        "proved": proved_lately(request), "confirm_url": confirm_url(request.path),
    }  # fmt: skip
    return render(request, "personal/erasure.html", words)


@requires(ANSWER)
@require_POST
def carry_out(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = _open_erasure(request, request_id)
    if not proved_lately(request):
        return to_confirm(reverse("personal:erasure", args=[found.id]))
    rows = erase_person(by=viewer_of(request).actor, request_id=found.id, patient_id=found.patient_id)
    said = ngettext("It is done. %(n)d row was erased.", "It is done. %(n)d rows were erased.", rows)
    messages.success(request, said % {"n": rows})
    return redirect("personal:asked", found.id)


def _open_erasure(request: HttpRequest, request_id: UUID) -> RequestView:
    found = asked_of_us(viewer_of(request), request_id)
    if not (found.erases and found.open):
        raise NotFound
    return found

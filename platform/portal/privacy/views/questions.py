"""The officer's queue of questions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation.permissions import requires, viewer_of
from portal.privacy import actions
from portal.privacy.display import row_of
from portal.privacy.forms import AnswerForm
from portal.privacy.permissions import REVIEW
from portal.privacy.queries import questions as asked


@requires(REVIEW)
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    answered = request.GET.get("of") == "answered"
    return render(request, "privacy/questions.html", {"questions": asked.questions(answered=answered),
                                                      "answered": answered})  # fmt: skip


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    by = viewer_of(request).actor
    found, event, names = asked.question(by, question_id)
    form = AnswerForm(request.POST or None)
    if form.is_bound and form.is_valid():
        actions.answer(by=by, question_id=question_id, text=form.cleaned_data["text"])
        messages.success(request, _("Your answer is on the patient’s page."))
        return redirect("privacy:questions")
    row = row_of(event, names) if event else None
    return render(request, "privacy/question.html", {"question": found, "row": row, "form": form})

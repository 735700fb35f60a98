"""What people type when they ask and when they answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 4000


class CorrectForm(forms.Form):
    words = forms.CharField(
        label=_("What is wrong, and what should it say?"),
        help_text=_("Say where you saw it and when, such as “my list of medicines”. Your hospital reads this."),
        max_length=LONGEST,
        error_messages={"required": _("Write what is wrong.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class EraseForm(forms.Form):
    words = forms.CharField(
        label=_("Is there something that we should know?"),
        help_text=_("You may leave this empty. You need no reason."),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AnswerForm(forms.Form):
    DONE, REFUSED = "done", "refused"
    outcome = forms.ChoiceField(
        label=_("What was decided?"),
        choices=((DONE, _("It is done")), (REFUSED, _("It is not done"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    answer = forms.CharField(
        label=_("Your answer to the patient"),
        help_text=_("Say what was done, or why not and what they can do about it. Use plain words."),
        max_length=LONGEST,
        error_messages={"required": _("Write an answer.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class RefuseForm(AnswerForm):
    """For an erasure, which is carried out by a button of its own."""

    outcome = None  # type: ignore[assignment]

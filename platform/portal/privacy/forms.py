"""What people fill in here."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.utils.translation import gettext_lazy as _

from foundation.audit.queries import Search
from foundation.clock import now, today
from foundation.registry import event_kinds
from foundation.tenancy import hospital_zone
from portal.privacy.models import Disclosure, Finding
from portal.privacy.models.questions import LONGEST
from portal.privacy.words import OUTCOMES
from themes.forms import DateField

OFF = {"autocomplete": "off"}


class QuestionForm(forms.Form):
    text = forms.CharField(
        label=_("Your question"), max_length=LONGEST, widget=forms.Textarea({"rows": 5}),
        help_text=_("Say what seems wrong. You need not explain why you ask."),
    )  # fmt: skip


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"), max_length=LONGEST, widget=forms.Textarea({"rows": 6}),
        help_text=_("The patient reads it here. Use plain words, and say what happens next."),
    )  # fmt: skip


class FlagForm(forms.Form):
    reason = forms.CharField(
        label=_("Why does this record need special watch?"), max_length=300, widget=forms.TextInput(OFF),
        help_text=_("For example: works here, is known from the news. Write nothing about health."),
    )  # fmt: skip


class DisclosureForm(forms.Form):
    made_on = DateField(label=_("When was it given out?"))
    recipient = forms.CharField(label=_("Who got it?"), max_length=200, widget=forms.TextInput(OFF))
    recipient_address = forms.CharField(
        label=_("Their address, if you know it"), max_length=300, required=False, widget=forms.TextInput(OFF)
    )
    what = forms.CharField(
        label=_("What was given out, in a few words?"), max_length=300, widget=forms.TextInput(OFF),
        help_text=_("For example: a report of a disease, the record of one visit."),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("Why?"), choices=Disclosure.Purpose.choices)
    why = forms.CharField(
        label=_("More about the reason, if it is needed"), max_length=300, required=False, widget=forms.TextInput(OFF)
    )

    def clean_made_on(self) -> Any:
        day = self.cleaned_data["made_on"]
        if day and day > today(hospital_zone()):
            raise ValidationError(_("This day has not come yet."))
        return day


class ReviewForm(forms.Form):
    state = forms.ChoiceField(
        label=_("What did you find?"), widget=forms.RadioSelect,
        choices=[(Finding.State.EXPLAINED.value, _("There was a good reason")),
                 (Finding.State.WRONG.value, _("It was not right"))],
    )  # fmt: skip
    note = forms.CharField(
        label=_("Your note"), max_length=500, widget=forms.Textarea({"rows": 4}),
        help_text=_("What you asked, whom, and what you decided. Write nothing about health."),
    )  # fmt: skip


class CloseForm(forms.Form):
    note = forms.CharField(label=_("What was done about it?"), max_length=500, widget=forms.Textarea({"rows": 4}))


class SearchForm(forms.Form):
    """The officer's search. All of it is optional."""

    name = forms.CharField(label=_("Who looked"), required=False, max_length=150)
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("All")), *OUTCOMES.items()])
    since = forms.DateField(label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput({"type": "date"}))
    address = forms.CharField(label=_("Network address"), required=False, max_length=50,
                              widget=forms.TextInput({"dir": "ltr"}))  # fmt: skip
    text = forms.CharField(
        label=_("Number or id"), required=False, max_length=120, widget=forms.TextInput({"dir": "ltr"}),
        help_text=_("Of an event, a request, a person, a patient or a thing."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(((kind, str(words)) for kind, words in event_kinds.items()), key=lambda pair: pair[1])
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        given: str = self.cleaned_data["address"].strip()
        if given:
            base, slash, bits = given.partition("/")
            validate_ipv46_address(base)
            if slash and not (bits.isascii() and bits.isdecimal() and int(bits) <= (128 if ":" in base else 32)):
                raise ValidationError(_("This is no network address."))
        return given

    def search(self) -> Search:
        """What to look for. Days are the hospital's, the last one included."""
        said, zone = self.cleaned_data, hospital_zone()
        since, until = said["since"], said["until"]
        patient: UUID | None = said["patient"]
        return Search(
            patient_ids=(patient,) if patient else (), actor_name=said["name"].strip(),
            kinds=(said["kind"],) if said["kind"] else (), outcome=said["outcome"], address=said["address"],
            since=datetime.combine(since, time(), zone) if since else None,
            until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
            text=said["text"].strip(),
        )  # fmt: skip


def lately() -> dict[str, str]:
    """The search that the page begins with: the last seven days."""
    return {"since": (now().astimezone(hospital_zone()).date() - timedelta(days=6)).isoformat()}

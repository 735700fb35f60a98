"""Every component on one page, in the hospital's tokens, with a panel in the other sample's tokens."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from foundation.permissions import open_to_all
from themes.forms import DateField, error_summary_html
from themes.samples import other_than
from themes.stylesheet import sheet_hash, stylesheet
from themes.tokens import derive
from themes.views import FOREVER, _file, brand_for

SCOPE = ".other-brand"


class SampleForm(forms.Form):
    phone = forms.CharField(
        label=_("Mobile phone"), help_text=_("We text you a day before each visit"),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    birth_date = DateField(label=_("Date of birth"), help_text=_("For example, 3 27 1968"))
    remind = forms.ChoiceField(
        label=_("How should we remind you?"), widget=forms.RadioSelect,
        choices=[("text", _("Text message")), ("email", _("Email"))],
    )  # fmt: skip
    helper = forms.BooleanField(label=_("Also remind my family helper"), required=False)


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("Email"), widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("Enter an email address with an @")},
    )  # fmt: skip


@open_to_all
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    view = brand_for(request)
    other = other_than(view.brand_color)
    wrong = EmailForm({"wrong-email": "rosa.example.org"}, prefix="wrong")
    context: dict[str, Any] = {
        "roles": [
            (name.replace("_", "-"), color, view.tokens.dark.roles()[name])
            for name, color in view.tokens.light.roles().items()
        ],
        "fields": SampleForm(
            initial={"phone": "(202) 555-0142", "birth_date": date(1968, 3, 27), "remind": "text", "helper": True},
            prefix="sample",
        ),
        "wrong": wrong,
        # Without the mark that makes the script move the focus there.
        "summary": SafeString(error_summary_html(wrong).replace(" data-focus", "")),
        "other": other,
        "other_hash": _other(other.brand_color, other.corner)[0],
        "points": [("2023-10-10", "5.4"), ("2024-05-10", "5.5"), ("2024-11-11", "5.5"), ("2025-05-12", "5.6"),
                   ("2025-11-12", "5.8"), ("2026-05-12", "5.8"), ("2026-11-16", "5.9")],
        "plain": False,
    }  # fmt: skip
    return render(request, "themes/gallery.html", context)


def _other(color: str, corner: str) -> tuple[str, str]:
    css = stylesheet(derive(color), corner, scope=SCOPE)
    return sheet_hash("gallery", css), css


@open_to_all
@require_safe
def other_theme(request: HttpRequest, name: str) -> HttpResponse:
    """The tokens of the other sample, under a class instead of the root; and the swatches of our own."""
    other = other_than(brand_for(request).brand_color)
    found, css = _other(other.brand_color, other.corner)
    if name != found:
        raise Http404
    return _file(css, "text/css; charset=utf-8", FOREVER)

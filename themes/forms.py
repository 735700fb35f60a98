"""How forms look: label, help, error, control, in this order (UX rule 13), and the summary of errors on top."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as Backend
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

OURS = Path(__file__).resolve().parent / "form_templates"


class PorticoRenderer(DjangoTemplates):
    """FORM_RENDERER: `{{ form }}` and `{% field form.x %}` come out as the design system's fields."""

    form_template_name = "portico/form.html"
    field_template_name = "portico/field.html"

    @cached_property
    def engine(self) -> Backend:
        import django.forms

        folder = Path(django.forms.__file__).parent / "templates"
        options = {"builtins": ["django.templatetags.i18n", "themes.templatetags.portico"]}
        return Backend({"APP_DIRS": True, "DIRS": [OURS, folder], "NAME": "portico-forms", "OPTIONS": options})


def error_summary_html(form: forms.BaseForm) -> SafeString:
    """Titled "There is a problem", linked to the fields, in the fields' own words."""
    if not form.is_bound or not form.errors:
        return SafeString("")
    entries = list(_problems(form))
    return mark_safe(render_to_string("themes/error_summary.html", {"entries": entries}))  # noqa: S308  (each part is escaped)


def _problems(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """(id of the control to go to, words)."""
    for message in form.non_field_errors():
        first = next((bound for bound in form if not bound.is_hidden), None)
        yield (control_id(first) if first else "", str(message))
    for bound in form:
        for message in field_errors(bound):
            yield control_id(bound), message


def field_errors(bound: forms.BoundField) -> list[str]:
    """The field's errors, the same words at the field and in the summary. "This field is required" names no field."""
    plain = str(forms.Field.default_error_messages["required"])
    own = str(_("Fill in “%(label)s”") % {"label": bound.label})
    return [own if str(message) == plain else str(message) for message in bound.errors]


def control_id(bound: forms.BoundField) -> str:
    """The first control of a field: what a link in the summary goes to."""
    base = bound.auto_id or bound.html_name
    widget = bound.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
        return f"{base}_0"
    return base


class DateBoxes(forms.MultiWidget):
    """Three number boxes for a date that a person knows, in the order month, day, year (UX rule 14)."""

    template_name = "portico/date_boxes.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            [forms.TextInput({**number, "maxlength": 2, "class": "w2"}),
             forms.TextInput({**number, "maxlength": 2, "class": "w2"}),
             forms.TextInput({**number, "maxlength": 4, "class": "w4"})],
            attrs,
        )  # fmt: skip

    def decompress(self, value: date | None) -> list[Any]:
        return [value.month, value.day, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = [_("Month"), _("Day"), _("Year")]
        for box, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            box["label"] = label
        return context


class DateField(forms.MultiValueField):
    """A date from three boxes. Says which part is missing, or that there is no such day."""

    widget = DateBoxes

    def __init__(self, **options: Any) -> None:
        parts = (forms.CharField(required=False), forms.CharField(required=False), forms.CharField(required=False))
        super().__init__(parts, require_all_fields=False, **options)

    def compress(self, values: list[str]) -> date | None:
        if not any(values or []):
            return None
        names = (_("a month"), _("a day"), _("a year"))
        for value, name in zip(values, names, strict=True):
            if not value or not value.strip().isdecimal():
                raise ValidationError(_("Enter %(part)s in numbers."), params={"part": name}, code="incomplete")
        month, day, year = (int(value) for value in values)
        try:
            return date(year, month, day)
        except ValueError as problem:
            raise ValidationError(_("There is no such date. Check the month and the day."), code="no_date") from problem

"""Forms: label, help, error, control; the summary in the same words; dates in three boxes."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.utils import translation

from themes.forms import DateField, PorticoRenderer, error_summary_html


class Question(forms.Form):
    default_renderer = PorticoRenderer()
    email = forms.EmailField(label="Email", help_text="We write to you here")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    birth_date = DateField(label="Date of birth", required=False)
    remind = forms.ChoiceField(label="How?", choices=[("a", "Text"), ("b", "Mail")], widget=forms.RadioSelect)
    helper = forms.BooleanField(label="Also my helper", help_text="He gets a copy", required=False)


@pytest.fixture(autouse=True)
def in_english() -> None:
    translation.activate("en")


def test_an_error_stands_at_its_field_and_in_the_summary_in_the_same_words() -> None:
    form = Question({"email": "rosa", "remind": "a"})
    page, summary = str(form), error_summary_html(form)
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email_helptext id_email_error"' in page
    assert 'value="rosa"' in page
    assert '<a href="#id_email">Enter a valid email address.</a>' in summary
    assert "Enter a valid email address." in page
    assert summary.count("<li>") == 2


def test_a_field_left_empty_is_named() -> None:
    form = Question({"email": "rosa@example.org", "remind": "a"})
    assert '<a href="#id_password">Fill in “Password”</a>' in error_summary_html(form)
    assert "Fill in “Password”" in str(form)


def test_a_summary_goes_to_the_first_of_several_controls() -> None:
    summary = error_summary_html(Question({"birth_date_0": "2", "birth_date_1": "30", "birth_date_2": "1968"}))
    assert 'href="#id_birth_date_0"' in summary
    assert 'href="#id_remind_0"' in summary
    assert 'id="id_birth_date_0"' in str(Question())
    assert 'id="id_remind_0"' in str(Question())


def test_there_is_no_summary_where_all_is_well() -> None:
    assert error_summary_html(Question()) == ""


def test_groups_are_fieldsets_and_a_box_stands_before_its_label() -> None:
    page = str(Question())
    assert "<legend>How?</legend>" in page
    assert "<legend>Date of birth</legend>" in page
    assert page.index('id="id_helper"') < page.index('for="id_helper"')
    assert 'id="id_helper_helptext"' in page


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        (("2", "30", "1968"), "There is no such date"),
        (("2", "", "1968"), "Enter a day in numbers"),
        (("March", "3", "1968"), "Enter a month in numbers"),
        (("13", "3", "1968"), "There is no such date"),
        (("٣", "3", "99999"), "There is no such date"),
    ],
)
def test_a_date_that_is_none_says_why(boxes: tuple[str, str, str], words: str) -> None:
    form = Question({f"birth_date_{at}": text for at, text in enumerate(boxes)})
    assert words in str(form["birth_date"].errors)


def test_a_date_comes_out_of_three_boxes() -> None:
    form = Question({"birth_date_0": "3", "birth_date_1": "27", "birth_date_2": "1968"})
    form.is_valid()
    assert form.cleaned_data["birth_date"] == date(1968, 3, 27)


def test_what_was_typed_is_escaped() -> None:
    form = Question({"email": '"><script>alert(1)</script>'})
    assert "<script>alert" not in str(form)

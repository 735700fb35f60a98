"""The forms of signing in and of the account page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Appearance, User
from portal.accounts.passwords import HELP, LONGEST


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Email or username"),
        max_length=254,
        error_messages={"required": _("Type your email or username.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "data-reveal": ""}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("6-digit code"),
        help_text=_("You can paste it."),
        max_length=20,
        error_messages={"required": _("Type the 6 numbers that your app shows.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-field", "dir": "ltr"}
        ),
    )

    def clean_code(self) -> str:
        code = "".join(c for c in self.cleaned_data["code"] if c not in " -")
        if len(code) != 6 or not code.isdecimal():  # isdigit() takes "²" too, which is no number to int()
            raise ValidationError(_("The code has 6 numbers. Check it in your app and type it again."))
        return str(int(code)).zfill(6)


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label=_("Recovery code"),
        help_text=_("It looks like ABCD-EFGH-IJKL-MNOP. You can paste it."),
        max_length=60,
        error_messages={"required": _("Type one of your recovery codes.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}
        ),
    )


class ForgottenForm(forms.Form):
    username = forms.CharField(
        label=_("Email or username"),
        max_length=254,
        error_messages={"required": _("Type your email or username.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
    )


class NewPasswordForm(forms.Form):
    """One field that can be shown: typing a password twice catches no more errors than seeing it."""

    new_password = forms.CharField(
        label=_("New password"),
        help_text=HELP,  # type: ignore[arg-type]
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Type a new password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-reveal": ""}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        validate_password(password, self.user)
        return password


class ChangePasswordForm(NewPasswordForm):
    old_password = forms.CharField(
        label=_("Your password now"),
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Type the password that you use now.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "data-reveal": ""}),
    )
    field_order = ["old_password", "new_password"]

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if not self.user.check_password(old):
            raise ValidationError(_("This is not the password that you use now."), code="wrong")
        return old


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a language."), "invalid_choice": _("Choose one of these languages.")},
    )

    def __init__(self, *args: Any, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = languages  # type: ignore[attr-defined]


class AppearanceForm(forms.Form):
    appearance = forms.ChoiceField(
        label=_("Appearance"),
        choices=Appearance.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of these.")},
    )

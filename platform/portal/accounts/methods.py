"""How two_factor sees our second factors. More ways (passkeys, codes by text) register beside this one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from two_factor.plugins.registry import GeneratorMethod, registry

from portal.accounts.models import AuthenticatorApp, User


class AuthenticatorMethod(GeneratorMethod):  # type: ignore[misc]
    """The library's method for authenticator apps, over the table with sealed seeds."""

    verbose_name = _("Authenticator app")

    def get_devices(self, user: User) -> Iterable[AuthenticatorApp]:
        return AuthenticatorApp.objects.filter(user=user).order_by("created_at")

    def recognize_device(self, device: object) -> bool:
        return isinstance(device, AuthenticatorApp)

    def get_setup_forms(self, *args: Any) -> dict[str, type[forms.Form]]:
        from portal.accounts.forms import CodeForm

        return {self.code: CodeForm}

    def get_token_form_class(self) -> type[forms.Form]:
        from portal.accounts.forms import CodeForm

        return CodeForm

    def get_action(self, device: object) -> Any:
        return _("Enter the code from your app")

    def get_verbose_action(self, device: object) -> Any:
        return _("Open your authenticator app. It shows 6 numbers. Type them here.")


def take_over() -> None:
    """Takes the library's own generator out: it would keep seeds in plain text."""
    registry.unregister("generator")
    registry.register(AuthenticatorMethod())

"""System checks for the settings that accounts rests on."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def sign_in_is_ours(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Cookies without a Domain, sessions of our own table, nobody known as guardian's anonymous."""
    found: list[checks.CheckMessage] = []
    for name in ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN"):
        if getattr(settings, name, None):
            found.append(checks.Error(f"{name} is set. No cookie may reach another hospital.", id="accounts.E001"))
    if settings.SESSION_ENGINE != "portal.accounts.sessions":
        found.append(checks.Error("SESSION_ENGINE must be portal.accounts.sessions.", id="accounts.E002"))
    if getattr(settings, "ANONYMOUS_USER_NAME", "") is not None:
        found.append(checks.Error("ANONYMOUS_USER_NAME must be None.", id="accounts.E003"))
    for app in ("django.contrib.sessions", "django.contrib.sites", "django.contrib.admin"):
        if apps.is_installed(app):
            found.append(checks.Error(f"{app} must not be installed.", id="accounts.E004"))
    return found

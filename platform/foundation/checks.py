"""System checks: what must hold before anything is served."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core import checks

from foundation.permissions import access_of, declared_permissions, walk


@checks.register(checks.Tags.urls)
def every_view_declares_its_permission(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Default deny starts here: a route without a declared permission stops the start."""
    found: list[checks.CheckMessage] = []
    for name in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        for pattern in walk(import_module(name).urlpatterns):
            access = access_of(pattern.callback)
            if access is None:
                found.append(checks.Error(f"{name}: the view at {pattern.pattern!s} declares no permission.",
                             hint="Use @requires, @signed_in or @open_to_all.", id="portico.E001"))  # fmt: skip
            elif access.kind == "permission" and access.permission not in declared_permissions:
                found.append(checks.Error(f"{name}: {pattern.pattern!s} asks for {access.permission!r}, "
                             "which nobody declared.", id="portico.E002"))  # fmt: skip
    return found


@checks.register()
def each_app_stands_in_one_list(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """public, everywhere, hospital: an app in two lists, or in none, would have its tables in the wrong place."""
    lists = (settings.PUBLIC_APPS, settings.EVERYWHERE_APPS, settings.HOSPITAL_APPS)
    names = [name for apps in lists for name in apps]
    return [
        checks.Error(f"{name} stands in two app lists.", id="portico.E003")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]

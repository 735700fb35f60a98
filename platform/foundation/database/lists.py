"""The three app lists: in which schemas an app has its tables."""

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register()
def each_app_stands_in_one_list(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """public, everywhere, hospital: an app in two lists, or in none, would have its tables in the wrong place."""
    lists = (settings.PUBLIC_APPS, settings.EVERYWHERE_APPS, settings.HOSPITAL_APPS)
    names = [name for apps in lists for name in apps]
    return [
        checks.Error(f"{name} stands in two app lists.", id="portico.E003")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]

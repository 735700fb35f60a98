"""What a hospital's host serves."""

import importlib.util  # TEMPORARY-BOOTSTRAP

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path


def _there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(name))
    for name in (
        "themes.urls",
        "portal.accounts.urls",
        "portal.ehr.urls",
        "portal.records.urls",
        "portal.dashboard.urls",
    )
    if _there(name)
]
if settings.PORTICO_GALLERY and _there("themes.gallery_urls"):
    urlpatterns.append(path("gallery/", include("themes.gallery_urls")))

handler400 = "themes.views.bad_request"
handler403 = "themes.views.forbidden"
handler404 = "themes.views.not_found"
handler500 = "themes.views.server_error"

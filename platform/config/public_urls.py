"""What the vendor's own host serves."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config.urls import _there  # TEMPORARY-BOOTSTRAP

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(name)) for name in ("themes.urls", "portal.accounts.urls", "console.urls") if _there(name)
]
if settings.PORTICO_DEMO and _there("config.demo.urls"):
    urlpatterns.append(path("demo/", include("config.demo.urls")))
if settings.PORTICO_GALLERY and _there("themes.gallery_urls"):
    urlpatterns.append(path("gallery/", include("themes.gallery_urls")))

handler400 = "themes.views.bad_request"
handler403 = "themes.views.forbidden"
handler404 = "themes.views.not_found"
handler500 = "themes.views.server_error"

"""What a hospital's host serves."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("themes.urls")),
    path("", include("portal.accounts.urls")),
    path("", include("portal.ehr.urls")),
    path("", include("portal.records.urls")),
    path("", include("portal.personal.urls")),
    path("", include("portal.privacy.urls")),
    path("", include("portal.dashboard.urls")),
]
if settings.PORTICO_GALLERY:
    urlpatterns.append(path("gallery/", include("themes.gallery_urls")))

handler400 = "themes.views.bad_request"
handler403 = "themes.views.forbidden"
handler404 = "themes.views.not_found"
handler500 = "themes.views.server_error"

"""What the vendor's own host serves."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("themes.urls")),
    path("", include("portal.accounts.urls")),
    path("", include("console.urls")),
]
if settings.PORTICO_DEMO:
    urlpatterns.append(path("demo/", include("config.demo.urls")))
if settings.PORTICO_GALLERY:
    urlpatterns.append(path("gallery/", include("themes.gallery_urls")))

handler400 = "themes.views.bad_request"
handler403 = "themes.views.forbidden"
handler404 = "themes.views.not_found"
handler500 = "themes.views.server_error"

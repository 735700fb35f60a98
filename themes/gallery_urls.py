"""The gallery, where settings.PORTICO_GALLERY is on: development, the demo and the tests."""

from django.urls import path

from themes import gallery

app_name = "gallery"
urlpatterns = [
    path("", gallery.components, name="components"),
    path("other-<str:name>.css", gallery.other_theme, name="other_theme"),
]

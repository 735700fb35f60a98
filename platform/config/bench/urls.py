"""What a hospital's host serves, and the pages of a measurement beside it."""

from django.urls import path

from config.bench import views
from config.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [*urlpatterns, path("bench/empty", views.empty)]

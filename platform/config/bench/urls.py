"""What a hospital's host serves, and the pages of a measurement beside it."""

from django.urls import path

from config import urls as portal
from config.bench import views

urlpatterns = [
    *portal.urlpatterns,
    path("bench/empty", views.empty),
    path("bench/statement/<str:page>/<uuid:patient>/<uuid:user>", views.statement),
]
handler400 = portal.handler400
handler403 = portal.handler403
handler404 = portal.handler404
handler500 = portal.handler500

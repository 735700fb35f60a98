"""Pages of the connection, for the hospital's admin."""

from django.urls import path

from portal.ehr import views

app_name = "ehr"
urlpatterns = [
    path("connection/", views.connection_page, name="connection"),
    path("connection/sync/", views.synchronise_now, name="sync"),
]

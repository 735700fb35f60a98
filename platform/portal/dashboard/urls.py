"""The home page, at the root of a hospital's host."""

from django.urls import path

from portal.dashboard import views

app_name = "dashboard"

urlpatterns = [path("", views.home, name="home")]

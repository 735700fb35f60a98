from django.urls import path

from console import views

app_name = "console"
urlpatterns = [
    path("", views.entry, name="entry"),
    path("hospitals/", views.hospitals, name="hospitals"),
]

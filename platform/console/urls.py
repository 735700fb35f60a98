from django.urls import path

from console import alarms, views

app_name = "console"
urlpatterns = [
    path("", views.entry, name="entry"),
    path("hospitals/", views.hospitals, name="hospitals"),
    path("alarms/", alarms.alarms, name="alarms"),
    path("alarms/<uuid:alarm_id>/", alarms.alarm, name="alarm"),
]

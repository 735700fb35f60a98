"""Pages of the demo, under /demo/ on the vendor's host."""

from django.urls import path

from config.demo import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mail_box, name="mail_box"),
    path("mail/<slug:key>/", views.one_mail, name="one_mail"),
]

"""What every host serves of its look: style sheet, logo, manifest, language, small files that browsers ask for."""

from django.urls import path

from themes import views

app_name = "themes"
urlpatterns = [
    path("theme/<str:name>.css", views.theme, name="theme"),
    path("brand/logo.svg", views.logo, name="logo"),
    path("brand/icon.svg", views.app_icon, name="icon"),
    path("favicon.ico", views.logo, name="favicon"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", views.change_password, name="change_password"),
    path("language/", views.language, name="language"),
]

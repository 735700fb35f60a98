"""The pages about one's own data, and the queue of those who answer."""

from django.urls import path

from portal.personal.views import own, queue

app_name = "personal"

urlpatterns = [
    path("my-data/", own.overview, name="overview"),
    path("my-data/copies/<uuid:copy_id>/", own.copy, name="copy"),
    path("my-data/copies/<uuid:copy_id>/file/", own.copy_file, name="copy_file"),
    path("my-data/correct/", own.correct, name="correct"),
    path("my-data/erase/", own.erase, name="erase"),
    path("my-data/requests/<uuid:request_id>/", own.own_request, name="request"),
    path("data-requests/", queue.queue, name="queue"),
    path("data-requests/<uuid:request_id>/", queue.asked, name="asked"),
    path("data-requests/<uuid:request_id>/erasure/", queue.erasure, name="erasure"),
    path("data-requests/<uuid:request_id>/erasure/carry-out/", queue.carry_out, name="carry_out"),
]

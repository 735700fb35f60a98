"""The pages of the record. They stand at the root of a hospital's host."""

from django.urls import path

from portal.records.views import chart, exports, files, printing, results, visits

app_name = "records"

urlpatterns = [
    path("results/", results.results, name="results"),
    path("results/reports/<uuid:report_id>/", results.report, name="report"),
    path("results/reports/<uuid:item_id>/files/<int:place>/", files.file, name="report_file"),
    path("results/<uuid:result_id>/", results.result, name="result"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<uuid:visit_id>/", visits.visit, name="visit"),
    path("visits/<uuid:visit_id>/calendar.ics", visits.calendar, name="calendar"),
    path("records/", chart.overview, name="overview"),
    path("records/printed/", printing.printed, name="printed"),
    path("records/vitals/", chart.vitals, name="vitals"),
    path("records/download/", exports.exports, name="exports"),
    path("records/download/<uuid:export_id>/", exports.export, name="export"),
    path("records/download/<uuid:export_id>/file/", exports.export_file, name="export_file"),
    path("records/documents/<uuid:document_id>/", chart.document, name="document"),
    path("records/documents/<uuid:item_id>/files/<int:place>/", files.file, name="document_file"),
    path("records/other/<str:kind>/", chart.others, name="others"),
    path("records/<slug:kind>/", chart.listing, name="list"),
]

"""The patient's pages stand below their account, the officer's below /privacy/."""

from django.urls import path

from portal.privacy.views import alarms, events, given, own, patients, questions, unusual

app_name = "privacy"

urlpatterns = [
    path("account/looks/", own.looks, name="looks"),
    path("account/looks/ask/", own.ask_about_all, name="ask"),
    path("account/looks/<int:number>/", own.look, name="look"),
    path("account/looks/questions/<uuid:question_id>/", own.question, name="own_question"),
    path("account/given/", given.own, name="given"),
    path("account/given/file.csv", given.own_csv, name="given_csv"),
    path("account/given/file.pdf", given.own_pdf, name="given_pdf"),
    path("privacy/looks/", events.events, name="events"),
    path("privacy/looks/export/", events.export, name="export"),
    path("privacy/looks/<int:number>/", events.event, name="event"),
    path("privacy/patients/", patients.patients, name="patients"),
    path("privacy/patients/<uuid:patient_id>/", patients.patient, name="patient"),
    path("privacy/patients/<uuid:patient_id>/flag/", patients.flag, name="flag"),
    path("privacy/patients/<uuid:patient_id>/flag/end/", patients.end, name="flag_end"),
    path("privacy/patients/<uuid:patient_id>/given/", given.of_patient, name="patient_given"),
    path("privacy/patients/<uuid:patient_id>/given/add/", given.add, name="given_add"),
    path("privacy/patients/<uuid:patient_id>/given/file.csv", given.patient_csv, name="patient_given_csv"),
    path("privacy/patients/<uuid:patient_id>/given/file.pdf", given.patient_pdf, name="patient_given_pdf"),
    path("privacy/questions/", questions.questions, name="questions"),
    path("privacy/questions/<uuid:question_id>/", questions.question, name="question"),
    path("privacy/unusual/", unusual.report, name="unusual"),
    path("privacy/unusual/run/", unusual.run, name="unusual_run"),
    path("privacy/unusual/<uuid:finding_id>/", unusual.finding, name="finding"),
    path("privacy/alarms/", alarms.alarms, name="alarms"),
    path("privacy/alarms/<uuid:alarm_id>/", alarms.alarm, name="alarm"),
]

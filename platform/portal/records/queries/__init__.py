"""Reads of the record. First argument the viewer; absent and forbidden answer alike; every read is noted."""

from portal.records.queries.chart import (
    Entry,
    Overview,
    allergies_for,
    care_team_for,
    conditions_for,
    documents_for,
    immunizations_for,
    medications_for,
    other_items_for,
    overview_for,
    procedures_for,
    vitals_for,
)
from portal.records.queries.course import Earlier, TrendPoint, trend_for
from portal.records.queries.documents import StoredFile, document_for, file_for
from portal.records.queries.exports import ExportView, export_for, latest_export_for
from portal.records.queries.home import HomeView, home_for
from portal.records.queries.openings import new_since
from portal.records.queries.reports import ReportView, report_for
from portal.records.queries.results import ResultItem, ResultPage, ResultView, result_for, results_for
from portal.records.queries.visits import VisitItem, next_visit, visit_for, visits_for

__all__ = [
    "Earlier",
    "Entry",
    "ExportView",
    "HomeView",
    "Overview",
    "ReportView",
    "ResultItem",
    "ResultPage",
    "ResultView",
    "StoredFile",
    "TrendPoint",
    "VisitItem",
    "allergies_for",
    "care_team_for",
    "conditions_for",
    "document_for",
    "documents_for",
    "export_for",
    "file_for",
    "home_for",
    "immunizations_for",
    "latest_export_for",
    "medications_for",
    "new_since",
    "next_visit",
    "other_items_for",
    "overview_for",
    "procedures_for",
    "report_for",
    "result_for",
    "results_for",
    "trend_for",
    "visit_for",
    "visits_for",
    "vitals_for",
]

"""The typed rows that pages read, each made from the mirror and replaceable from it at any time; what a person has
opened; and the copies of a record that they asked for."""

from portal.records.models.chart import (
    Allergy,
    CareTeamMember,
    Condition,
    Document,
    Immunization,
    Medication,
    OtherItem,
    Procedure,
    Visit,
)
from portal.records.models.exports import RecordExport
from portal.records.models.openings import Opening
from portal.records.models.results import Panel, Result

__all__ = [
    "Allergy",
    "CareTeamMember",
    "Condition",
    "Document",
    "Immunization",
    "Medication",
    "Opening",
    "OtherItem",
    "Panel",
    "Procedure",
    "RecordExport",
    "Result",
    "Visit",
]

"""Pure functions from a FHIR resource to typed rows, one module a kind.

Nothing here reads a table, the clock or the network, and nothing raises on a half-valid resource: what cannot be
read is named in `Projected.problems`, so that it is counted and shown to the admin, and stays in the mirror.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from portal.records.projection.allergy import project_allergy
from portal.records.projection.careteam import project_care_team
from portal.records.projection.condition import project_condition
from portal.records.projection.document import project_document
from portal.records.projection.frame import Frame, Resource
from portal.records.projection.immunization import project_immunization
from portal.records.projection.medication import project_request, project_statement
from portal.records.projection.observation import project_observation
from portal.records.projection.other import KINDS, project_other
from portal.records.projection.procedure import project_procedure
from portal.records.projection.reading import all_codes, named, word
from portal.records.projection.report import project_imaging, project_report
from portal.records.projection.rows import Row
from portal.records.projection.visit import project_appointment, project_encounter

__all__ = ["Frame", "Projected", "Resource", "project"]

Projection = Callable[[Resource, Frame], tuple[list[Row], list[str]]]

PROJECTIONS: dict[str, Projection] = {
    "Observation": project_observation,
    "DiagnosticReport": project_report,
    "ImagingStudy": project_imaging,
    "Condition": project_condition,
    "MedicationRequest": project_request,
    "MedicationStatement": project_statement,
    "AllergyIntolerance": project_allergy,
    "Immunization": project_immunization,
    "Encounter": project_encounter,
    "Appointment": project_appointment,
    "DocumentReference": project_document,
    "Procedure": project_procedure,
    "CareTeam": project_care_team,
}
ELSEWHERE = named(
    "Patient Practitioner PractitionerRole Organization Location Medication Binary Group Endpoint HealthcareService "
    "Substance Bundle OperationOutcome"
)
"""Types that other pages or other resources speak for: they make no row of their own."""


@dataclass(frozen=True, slots=True)
class Projected:
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def project(resource: Resource, frame: Frame) -> Projected:
    """The rows of a resource. Entered in error: none, and no problem either."""
    if resource.type in ELSEWHERE or withdrawn(resource):
        return Projected()
    projection = PROJECTIONS.get(resource.type) or (project_other if resource.type in KINDS else None)
    if projection is None:
        return Projected(problems=[f"{resource.type[:60]} is a type that the record does not show"])
    try:
        rows, problems = projection(resource, frame)
    except (TypeError, ValueError, AttributeError, ArithmeticError, KeyError, IndexError, RecursionError) as error:
        return Projected(problems=[f"{resource.type} could not be read ({type(error).__name__})"])
    if any(not row.title for row in rows):
        problems = [*problems, f"{resource.type} has no name"]
    return Projected(rows, [f"{resource.type}: {problem}" if ":" not in problem else problem for problem in problems])


def withdrawn(resource: Resource) -> bool:
    """Said by the source to have been entered in error."""
    body = resource.body
    return word(body, "status") == "entered-in-error" or "entered-in-error" in all_codes(body, "verificationStatus")

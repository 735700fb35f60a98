"""Which kinds belong to a patient's record, and by which search parameters a server may find them.

From the R4 CompartmentDefinition "patient" (http://hl7.org/fhir/R4/compartmentdefinition-patient.html), without what
is about systems rather than care (AuditEvent, Person, Group, Schedule). First choice first.
"""

from __future__ import annotations

BY_PATIENT = ("patient", "subject")
COMPARTMENT: dict[str, tuple[str, ...]] = {
    "Account": BY_PATIENT,
    "AdverseEvent": ("subject", "patient"),
    "AllergyIntolerance": ("patient",),
    "Appointment": ("patient", "actor"),
    "Basic": BY_PATIENT,
    "BodyStructure": ("patient",),
    "CarePlan": BY_PATIENT,
    "CareTeam": BY_PATIENT,
    "ChargeItem": BY_PATIENT,
    "Claim": ("patient",),
    "ClaimResponse": ("patient",),
    "ClinicalImpression": BY_PATIENT,
    "Communication": BY_PATIENT,
    "CommunicationRequest": BY_PATIENT,
    "Composition": BY_PATIENT,
    "Condition": BY_PATIENT,
    "Consent": ("patient",),
    "Coverage": ("patient", "beneficiary"),
    "CoverageEligibilityRequest": ("patient",),
    "CoverageEligibilityResponse": ("patient",),
    "DetectedIssue": ("patient",),
    "Device": ("patient",),
    "DeviceRequest": BY_PATIENT,
    "DeviceUseStatement": BY_PATIENT,
    "DiagnosticReport": BY_PATIENT,
    "DocumentManifest": BY_PATIENT,
    "DocumentReference": BY_PATIENT,
    "Encounter": BY_PATIENT,
    "EpisodeOfCare": ("patient",),
    "ExplanationOfBenefit": ("patient",),
    "FamilyMemberHistory": ("patient",),
    "Flag": BY_PATIENT,
    "Goal": BY_PATIENT,
    "ImagingStudy": BY_PATIENT,
    "Immunization": ("patient",),
    "ImmunizationEvaluation": ("patient",),
    "ImmunizationRecommendation": ("patient",),
    "Invoice": BY_PATIENT,
    "List": BY_PATIENT,
    "MeasureReport": BY_PATIENT,
    "Media": BY_PATIENT,
    "MedicationAdministration": BY_PATIENT,
    "MedicationDispense": BY_PATIENT,
    "MedicationRequest": BY_PATIENT,
    "MedicationStatement": BY_PATIENT,
    "MolecularSequence": BY_PATIENT,
    "NutritionOrder": ("patient",),
    "Observation": BY_PATIENT,
    "Procedure": BY_PATIENT,
    "Provenance": ("patient",),
    "QuestionnaireResponse": BY_PATIENT,
    "RelatedPerson": ("patient",),
    "RequestGroup": BY_PATIENT,
    "ResearchSubject": ("patient", "individual"),
    "RiskAssessment": BY_PATIENT,
    "ServiceRequest": BY_PATIENT,
    "Specimen": BY_PATIENT,
    "SupplyDelivery": ("patient",),
    "SupplyRequest": ("subject",),
    "Task": ("patient", "subject"),
    "VisionPrescription": ("patient",),
}

# Asked for even where a server does not list them: a capability statement is often older than its server.
US_CORE = (
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Condition", "Coverage", "Device", "DiagnosticReport",
    "DocumentReference", "Encounter", "Goal", "Immunization", "MedicationDispense", "MedicationRequest",
    "MedicationStatement", "Observation", "Procedure", "QuestionnaireResponse", "RelatedPerson", "ServiceRequest",
    "Specimen",
)  # fmt: skip


def search_value(parameter: str, patient_id: str) -> str:
    """`patient` takes a bare id; the others can point at anything and want the type too."""
    return patient_id if parameter == "patient" else f"Patient/{patient_id}"

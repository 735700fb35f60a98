"""Everything else in the patient's compartment: kind, title, date, status, and what its fields say.

No type of R4's patient compartment is left out. A type that R4 does not know is kept in the mirror and counted.
"""

from typing import Any

from portal.records.projection.dates import UNKNOWN, When, choice, period, read
from portal.records.projection.frame import Frame, Resource, dated, header, measured, name_of, said
from portal.records.projection.reading import Json, concept_text, named, node, number_text, text, word
from portal.records.projection.rows import Fact, OtherItemRow, Row

KINDS = named(
    "Account AdverseEvent AppointmentResponse AuditEvent Basic BodyStructure CarePlan ChargeItem Claim ClaimResponse "
    "ClinicalImpression Communication CommunicationRequest Composition Consent Coverage CoverageEligibilityRequest "
    "CoverageEligibilityResponse DetectedIssue Device DeviceRequest DeviceUseStatement DocumentManifest "
    "EnrollmentRequest EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal GuidanceResponse "
    "ImmunizationEvaluation "
    "ImmunizationRecommendation Invoice List Media MedicationAdministration MedicationDispense MolecularSequence "
    "NutritionOrder PaymentNotice Person Provenance QuestionnaireResponse RelatedPerson RequestGroup ResearchSubject "
    "RiskAssessment Schedule ServiceRequest Specimen SupplyDelivery SupplyRequest Task VisionPrescription"
)
TITLES = (
    "title", "description", "code", "medicationCodeableConcept", "medicationReference", "type", "name",
    "productCodeableConcept", "category", "relationship", "vaccineCode", "deviceName", "scope", "focus", "summary",
    "questionnaire",
)  # fmt: skip
DATES = (
    "authoredOn", "authored", "created", "date", "started", "startDate", "whenHandedOver", "whenPrepared", "sent",
    "received", "recorded", "recordedDate", "assertedDate", "dateTime", "receivedTime", "dateWritten",
    "issued", "servicedDate",
)  # fmt: skip
STEMS = ("effective", "occurrence", "performed", "timing", "detected", "identified", "start", "serviced", "onset")
PERIODS = ("period", "billablePeriod", "executionPeriod", "servicePeriod")
QUIET = named(
    "resourceType id meta text implicitRules language contained extension modifierExtension identifier subject patient "
    "beneficiary"
)
MOST_FACTS, LONGEST, DEEPEST = 40, 600, 4


def project_other(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    when, end = _when(body, frame)
    columns = header(resource, frame, title=_title(body, frame), when=when, end=end)
    columns["status"] = columns["status"] or word(body, "lifecycleStatus")[:60]
    facts: list[Fact] = []
    for key, value in in_order(body):
        if key not in QUIET and not key.startswith("_") and len(facts) < MOST_FACTS:
            facts += _facts(f"field:{key[:60]}", value, body, frame)
    return [OtherItemRow(**columns, kind=resource.type, detail={"facts": facts})], []


def in_order(value: Json) -> list[tuple[str, Any]]:
    """What something is comes first, then by name: a JSON object's own order says nothing, and the mirror loses it."""
    fields = (field for field in value.items() if isinstance(field[0], str))
    return sorted(fields, key=lambda field: (not (isinstance(field[1], dict) and "text" in field[1]), field[0]))


def _title(body: Json, frame: Frame) -> str:
    for key in TITLES:
        value = body.get(key)
        said_so = text(value) or (_words(value, body, frame, 0) if isinstance(value, dict | list) else "")
        if said_so:
            return said_so[:300]
    return ""


def _when(body: Json, frame: Frame) -> tuple[When, When]:
    for key in PERIODS:
        start, end = period(node(body, key), frame.zone)
        if start.text:
            return start, end
    for stem in STEMS:
        start, end, _words_only = choice(body, stem, frame.zone)
        if start.text:
            return start, end
    for key in DATES:
        found = read(body.get(key), frame.zone)
        if found.precision:
            return found, UNKNOWN
    return UNKNOWN, UNKNOWN


def _facts(label: str, value: Any, body: Json, frame: Frame) -> list[Fact]:
    if isinstance(value, dict) and "value" in value and number_text(value["value"]):
        return measured(label, {**value, "unit": word(value, "unit") or word(value, "currency")})
    found = read(value, frame.zone)
    if found.precision in ("day", "month", "time"):
        return dated(label, found)
    return said(label, _words(value, body, frame, 0)[:LONGEST])


def _words(value: Any, body: Json, frame: Frame, depth: int) -> str:
    """What a field says, flattened: concepts by their text, references by their name, numbers with their unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return "" if depth and value.startswith(("urn:", "http://", "https://")) else text(value)
    if not isinstance(value, dict | list):
        return number_text(value)
    if depth >= DEEPEST:
        return ""
    if isinstance(value, list):
        return _joined(value[:20], "; ", body, frame, depth)
    if "coding" in value:
        return concept_text(value)
    if "reference" in value or "display" in value:
        return name_of(body, value, frame) or word(value, "display") or word(value, "code")
    if "value" in value and number_text(value["value"]):
        unit = word(value, "unit") or word(value, "currency")
        return f"{word(value, 'comparator')}{number_text(value['value'])} {unit}".strip()
    kept = [part for key, part in in_order(value) if key not in QUIET or key == "text"]
    return _joined(kept, ", ", body, frame, depth)


def _joined(parts: list[Any], join: str, body: Json, frame: Frame, depth: int) -> str:
    said_so = (_words(part, body, frame, depth + 1) for part in parts)
    return join.join(part for part in dict.fromkeys(said_so) if part)

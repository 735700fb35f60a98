"""Codes, quantities and references in the JSON shape of FHIR R4."""

from typing import Any

type Json = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CVX = "http://hl7.org/fhir/sid/cvx"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
SITE = "https://ehr.example.org/"


def concept(system: str, code: str, display: str, text: str | None = None) -> Json:
    """A CodeableConcept with one coding; `text` is what the EHR's own staff call it."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": text or display}


def status(system: str, code: str) -> Json:
    """A CodeableConcept that stands for a state, such as `active` or `confirmed`."""
    return {"coding": [{"system": HL7 + system, "code": code, "display": code.replace("-", " ").capitalize()}]}


def quantity(value: float, unit: str, ucum: str | None = None, comparator: str | None = None) -> Json:
    told: Json = {"value": value, "unit": unit, "system": UCUM, "code": ucum or unit}
    return {"value": told.pop("value"), "comparator": comparator, **told} if comparator else told


def reference(target: str, display: str | None = None) -> Json:
    return {"reference": target, "display": display} if display else {"reference": target}


def category(system: str, code: str, display: str) -> list[Json]:
    return [concept(HL7 + system, code, display)]

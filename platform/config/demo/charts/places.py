"""The two hospitals themselves: their organization, clinicians and rooms."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.demo.charts.chart import Places
from config.demo.charts.coding import HL7, SITE, SNOMED, US_CORE, Json, concept, reference


@dataclass(frozen=True, slots=True)
class Hospital:
    slug: str
    name: str
    phone: str
    zone: str
    address: Json
    clinicians: dict[str, tuple[str, str, str]]
    rooms: dict[str, tuple[str, str]]

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


MERCY = Hospital(
    "mercy", "Mercy General Hospital", "(202) 555-0142", "America/New_York",
    {"line": ["400 Harbor Street"], "city": "Washington", "state": "DC", "postalCode": "20001", "country": "US"},
    {
        "family": ("Lin", "Chen", "Family medicine"),
        "heart": ("Samuel", "Okafor", "Cardiology"),
        "thyroid": ("Ingrid", "Sørensen", "Endocrinology"),
        "kidney": ("Rafael", "Muñoz", "Nephrology"),
        "nurse": ("Dolores", "Whitaker", "Nursing"),
        "radiology": ("Tomás", "Béla", "Radiology"),
    },
    {
        "clinic": ("North Building, floor 2, room 214", "Family medicine clinic"),
        "heart": ("North Building, floor 3, room 310", "Heart clinic"),
        "imaging": ("South Building, ground floor, door C", "Imaging"),
        "emergency": ("Main Building, ground floor, red door", "Emergency room"),
        "ward": ("Main Building, floor 5, ward 5B", "Medical ward"),
    },
)  # fmt: skip
RIVERSIDE = Hospital(
    "riverside", "Riverside Children's Hospital", "(202) 555-0117", "America/Los_Angeles",
    {"line": ["12 Ferry Lane"], "city": "Portland", "state": "OR", "postalCode": "97201", "country": "US"},
    {
        "family": ("Priya", "Raman", "Pediatrics"),
        "diabetes": ("Jonas", "Feld", "Pediatric endocrinology"),
        "lungs": ("Amara", "Nwosu", "Pediatric pulmonology"),
        "heart": ("Elena", "Petrova", "Pediatric cardiology"),
        "nurse": ("Kim", "Tran", "Nursing"),
        "radiology": ("Hugo", "Baptiste", "Radiology"),
    },
    {
        "clinic": ("River House, floor 1, yellow door", "Children's clinic"),
        "diabetes": ("River House, floor 2, blue door", "Diabetes clinic"),
        "imaging": ("Lake House, ground floor, green door", "Imaging"),
        "emergency": ("Lake House, ground floor, red door", "Emergency room"),
        "ward": ("Lake House, floor 3, otter ward", "Children's ward"),
    },
)  # fmt: skip
HOSPITALS = {hospital.slug: hospital for hospital in (MERCY, RIVERSIDE)}


def _organization(hospital: Hospital, fhir_id: str, name: str, kind: tuple[str, str]) -> Json:
    return {
        "resourceType": "Organization",
        "id": fhir_id,
        "meta": {"profile": [US_CORE + "us-core-organization"]},
        "active": True,
        "type": [concept(HL7 + "organization-type", *kind)],
        "name": name,
        "telecom": [{"system": "phone", "value": hospital.phone}],
        "address": [hospital.address],
    }


def _practitioner(hospital: Hospital, fhir_id: str, given: str, family: str) -> Json:
    return {
        "resourceType": "Practitioner",
        "id": fhir_id,
        "meta": {"profile": [US_CORE + "us-core-practitioner"]},
        "identifier": [{"system": SITE + hospital.slug + "/staff", "value": fhir_id}],
        "active": True,
        "name": [{"family": family, "given": [given], "prefix": ["Dr."]}],
    }


def _role(fhir_id: str, specialty: str, organization: str) -> Json:
    return {
        "resourceType": "PractitionerRole",
        "id": f"{fhir_id}-role",
        "active": True,
        "practitioner": reference(f"Practitioner/{fhir_id}"),
        "organization": reference(organization),
        "specialty": [{"text": specialty}],
    }


def _location(hospital: Hospital, fhir_id: str, where: str, name: str, organization: str) -> Json:
    return {
        "resourceType": "Location",
        "id": fhir_id,
        "status": "active",
        "name": name,
        "description": where,
        "type": [concept(SNOMED, "22232009", "Hospital")],
        "telecom": [{"system": "phone", "value": hospital.phone}],
        "address": {**hospital.address, "line": [*hospital.address["line"], where]},
        "managingOrganization": reference(organization),
    }


def places_of(hospital: Hospital) -> tuple[Places, list[Json]]:
    """What charts may point at, and the resources behind it."""
    organization, laboratory = "Organization/org-1", "Organization/org-2"
    resources = [
        _organization(hospital, "org-1", hospital.name, ("prov", "Healthcare Provider")),
        _organization(hospital, "org-2", f"{hospital.name} Laboratory", ("dept", "Hospital Department")),
    ]
    clinicians: dict[str, tuple[str, str]] = {}
    for number, (key, (given, family, specialty)) in enumerate(hospital.clinicians.items(), 1):
        fhir_id = f"staff-{number}"
        clinicians[key] = (f"Practitioner/{fhir_id}", f"Dr. {given} {family}")
        resources += [_practitioner(hospital, fhir_id, given, family), _role(fhir_id, specialty, organization)]
    rooms: dict[str, tuple[str, str]] = {}
    for number, (key, (where, name)) in enumerate(hospital.rooms.items(), 1):
        rooms[key] = (f"Location/room-{number}", f"{name}, {where}")
        resources.append(_location(hospital, f"room-{number}", where, name, organization))
    return Places(hospital.slug, organization, laboratory, clinicians, rooms), resources

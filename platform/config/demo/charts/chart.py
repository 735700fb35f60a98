"""One patient's chart while it is being written."""

from dataclasses import dataclass, field
from random import Random

from config.demo.charts.coding import US_CORE, Json, reference
from config.demo.charts.days import Days

# Ids are short and counted, as an EHR's are: the same in both hospitals, so that the wall between them is tested.
_SHORT = {
    "AllergyIntolerance": "alg", "Appointment": "apt", "Binary": "bin", "CarePlan": "cpl", "CareTeam": "team",
    "Condition": "cnd", "Coverage": "cov", "Device": "dev", "DiagnosticReport": "rep", "DocumentReference": "doc",
    "Encounter": "enc", "Goal": "goal", "ImagingStudy": "img", "Immunization": "imm", "Medication": "med",
    "MedicationRequest": "rx", "MedicationStatement": "mst", "Observation": "obs", "Procedure": "prc",
    "RelatedPerson": "rel", "ServiceRequest": "ord", "Specimen": "spc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of the hospital's own resources that charts point at."""

    slug: str
    organization: str
    laboratory: str
    clinicians: dict[str, tuple[str, str]]
    rooms: dict[str, tuple[str, str]]

    def clinician(self, key: str) -> Json:
        target, name = self.clinicians[key]
        return reference(target, name)

    def room(self, key: str) -> Json:
        target, name = self.rooms[key]
        return reference(target, name)


@dataclass(frozen=True, slots=True)
class Visit:
    """An Encounter that other resources hang on."""

    reference: str
    ago: int
    clock: str
    clinician: str


@dataclass(slots=True)
class Chart:
    places: Places
    days: Days
    patient_id: str
    sex: str
    age: int
    rng: Random
    resources: list[Json] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def subject(self) -> Json:
        return reference(f"Patient/{self.patient_id}")

    def add(self, kind: str, body: Json, profile: str | None = None) -> str:
        """Files a resource under the next id of its kind; returns the reference to it."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        fhir_id = f"{self.patient_id}-{_SHORT[kind]}-{self.counts[kind]:03d}"
        meta = {"meta": {"profile": [US_CORE + profile]}} if profile else {}
        self.resources.append({"resourceType": kind, "id": fhir_id, **meta, **body})
        return f"{kind}/{fhir_id}"

    def last(self) -> Json:
        """The resource filed last, to be given the oddity that a test needs."""
        return self.resources[-1]

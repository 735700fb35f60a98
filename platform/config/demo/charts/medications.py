"""Prescriptions, with the dosage in words and in numbers."""

from dataclasses import dataclass
from typing import Literal

from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import HL7, RXNORM, SNOMED, Json, concept, quantity, reference


@dataclass(frozen=True, slots=True)
class Drug:
    rxnorm: str
    display: str
    dose: tuple[float, str]
    times: int
    words: str


DRUGS = {
    "metformin": Drug("861007", "metformin hydrochloride 500 MG Oral Tablet", (1, "tablet"), 2,
                      "Take 1 tablet by mouth 2 times a day with meals"),
    "lisinopril": Drug("314076", "lisinopril 10 MG Oral Tablet", (1, "tablet"), 1,
                       "Take 1 tablet by mouth every morning"),
    "amlodipine": Drug("197361", "amlodipine 5 MG Oral Tablet", (1, "tablet"), 1, "Take 1 tablet by mouth once a day"),
    "atorvastatin": Drug("617310", "atorvastatin 20 MG Oral Tablet", (1, "tablet"), 1,
                         "Take 1 tablet by mouth at bedtime"),
    "levothyroxine": Drug("966221", "levothyroxine sodium 0.05 MG Oral Tablet", (1, "tablet"), 1,
                          "Take 1 tablet by mouth every morning on an empty stomach"),
    "iron": Drug("310325", "ferrous sulfate 325 MG Oral Tablet", (1, "tablet"), 1,
                 "Take 1 tablet by mouth once a day with orange juice"),
    "omeprazole": Drug("198051", "omeprazole 20 MG Delayed Release Oral Capsule", (1, "capsule"), 1,
                       "Take 1 capsule by mouth before breakfast"),
    "sertraline": Drug("312941", "sertraline 50 MG Oral Tablet", (1, "tablet"), 1, "Take 1 tablet by mouth once a day"),
    "aspirin": Drug("243670", "aspirin 81 MG Oral Tablet", (1, "tablet"), 1, "Take 1 tablet by mouth once a day"),
    "furosemide": Drug("313988", "furosemide 40 MG Oral Tablet", (1, "tablet"), 1,
                       "Take 1 tablet by mouth every morning"),
    "carvedilol": Drug("200032", "carvedilol 12.5 MG Oral Tablet", (1, "tablet"), 2,
                       "Take 1 tablet by mouth 2 times a day with food"),
    "losartan": Drug("979492", "losartan potassium 50 MG Oral Tablet", (1, "tablet"), 1,
                     "Take 1 tablet by mouth once a day"),
    "gabapentin": Drug("310431", "gabapentin 300 MG Oral Capsule", (1, "capsule"), 3,
                       "Take 1 capsule by mouth 3 times a day"),
    "apixaban": Drug("1364445", "apixaban 5 MG Oral Tablet", (1, "tablet"), 2, "Take 1 tablet by mouth 2 times a day"),
    "albuterol": Drug("745679", "albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", (2, "puff"), 4,
                      "Breathe in 2 puffs every 4 to 6 hours as needed for wheezing"),
    "fluticasone": Drug("895994", "fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler", (2, "puff"), 2,
                        "Breathe in 2 puffs 2 times a day. Rinse your mouth after."),
    "glargine": Drug("311041", "insulin glargine 100 UNT/ML Injectable Solution", (18, "unit"), 1,
                     "Inject 18 units under the skin at bedtime"),
    "amoxicillin": Drug("308182", "amoxicillin 250 MG Oral Capsule", (1, "capsule"), 3,
                        "Take 1 capsule by mouth 3 times a day for 10 days"),
    "loratadine": Drug("665078", "loratadine 5 MG Chewable Tablet", (1, "tablet"), 1,
                       "Chew 1 tablet once a day as needed for sneezing"),
    "epinephrine": Drug("1870230", "0.3 ML epinephrine 1 MG/ML Auto-Injector", (0.3, "mg"), 1,
                        "Inject into the outer thigh at once for a severe reaction. Then call 911."),
    "ibuprofen": Drug("310965", "ibuprofen 200 MG Oral Tablet", (1, "tablet"), 3,
                      "Take 1 tablet by mouth every 6 to 8 hours as needed for pain"),
}  # fmt: skip


def _dosage(drug: Drug) -> Json:
    amount, unit = drug.dose
    return {
        "text": drug.words,
        "timing": {"repeat": {"frequency": drug.times, "period": 1, "periodUnit": "d"}},
        **({"asNeededBoolean": True} if "as needed" in drug.words else {}),
        "route": concept(SNOMED, "26643006", "Oral route") if "mouth" in drug.words else {"text": "As written"},
        "doseAndRate": [{"doseQuantity": quantity(amount, unit, "mg" if unit == "mg" else f"{{{unit}}}")}],
    }


def prescription(chart: Chart, name: str, *, ago: int, state: str = "active", who: str = "family", because: str = "",
                 refills: int = 3, visit: Visit | None = None, as_resource: Literal["no", "contained", "own"] = "no",
                 ) -> str:  # fmt: skip
    """A MedicationRequest; the drug stands in it as a code, or `as_resource` as a contained or separate Medication."""
    drug = DRUGS[name]
    code = concept(RXNORM, drug.rxnorm, drug.display, drug.display)
    what: Json = {"medicationCodeableConcept": code}
    if as_resource == "contained":
        what = {"contained": [{"resourceType": "Medication", "id": "drug", "code": code}],
                "medicationReference": {"reference": "#drug", "display": drug.display}}  # fmt: skip
    elif as_resource == "own":
        own = chart.add("Medication", {"code": code, "status": "active"}, "us-core-medication")
        what = {"medicationReference": reference(own, drug.display)}
    contained = {"contained": what.pop("contained")} if "contained" in what else {}
    return chart.add("MedicationRequest", {
        **contained,
        "status": state,
        "intent": "order",
        "category": [concept(HL7 + "medicationrequest-category", "community", "Community")],
        "reportedBoolean": False,
        **what,
        "subject": chart.subject,
        **({"encounter": reference(visit.reference)} if visit else {}),
        "authoredOn": chart.days.at(ago, "10:12"),
        "requester": chart.places.clinician(who),
        **({"reasonCode": [{"text": because}]} if because else {}),
        "dosageInstruction": [_dosage(drug)],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": refills,
            "quantity": quantity(90, drug.dose[1], f"{{{drug.dose[1]}}}"),
            "expectedSupplyDuration": quantity(90, "days", "d"),
        },
    }, "us-core-medicationrequest")  # fmt: skip

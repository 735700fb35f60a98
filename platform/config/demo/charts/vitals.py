"""Vital signs taken at a visit."""

from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import LOINC, Json, category, concept, quantity, reference
from config.demo.charts.labs import interpretation, tidy

VITAL = category("observation-category", "vital-signs", "Vital Signs")
SOCIAL = category("observation-category", "social-history", "Social History")
SURVEY = category("observation-category", "survey", "Survey")


def _taken(chart: Chart, visit: Visit, code: Json, profile: str, measured: Json, minutes: int = 5) -> str:
    return chart.add("Observation", {
        "status": "final",
        "category": VITAL,
        "code": code,
        "subject": chart.subject,
        "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, minutes),
        "performer": [chart.places.clinician(visit.clinician)],
        **measured,
    }, profile)  # fmt: skip


def _one(chart: Chart, visit: Visit, loinc: str, display: str, profile: str, value: float, unit: str,
         ucum: str | None = None) -> str:  # fmt: skip
    return _taken(chart, visit, concept(LOINC, loinc, display), profile, {"valueQuantity": quantity(value, unit, ucum)})


def blood_pressure(chart: Chart, visit: Visit, systolic: int, diastolic: int) -> str:
    parts = [("8480-6", "Systolic blood pressure", systolic), ("8462-4", "Diastolic blood pressure", diastolic)]
    high = {"interpretation": interpretation("H")} if systolic >= 140 else {}
    return _taken(chart, visit, concept(LOINC, "85354-9", "Blood pressure panel with all children optional",
                                        "Blood pressure"), "us-core-blood-pressure", {
        **high,
        "component": [
            {"code": concept(LOINC, code, display), "valueQuantity": quantity(value, "mmHg", "mm[Hg]")}
            for code, display, value in parts
        ],
    })  # fmt: skip


def oxygen(chart: Chart, visit: Visit, value: int) -> str:
    code = concept(LOINC, "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "Oxygen saturation")
    code["coding"].append({"system": LOINC, "code": "2708-6", "display": "Oxygen saturation in Arterial blood"})
    return _taken(chart, visit, code, "us-core-pulse-oximetry", {"valueQuantity": quantity(value, "%")})


def vitals(chart: Chart, visit: Visit, *, height: float, weight: float, systolic: int | None = None) -> None:
    """A whole set. Height in cm, weight in kg; small children have no blood pressure taken."""
    rng = chart.rng
    _one(chart, visit, "8302-2", "Body height", "us-core-body-height", tidy(height, 1), "cm")
    _one(chart, visit, "29463-7", "Body weight", "us-core-body-weight", tidy(weight, 1), "kg")
    mass = tidy(weight / (height / 100) ** 2, 1)
    _one(chart, visit, "39156-5", "Body mass index (BMI) [Ratio]", "us-core-bmi", mass, "kg/m2")
    if systolic is not None:
        top = systolic + rng.randint(-4, 4)
        blood_pressure(chart, visit, top, round(top * 0.61) + rng.randint(-2, 3))
    pulse = round(rng.gauss(72 if chart.age > 12 else 96, 5))
    _one(chart, visit, "8867-4", "Heart rate", "us-core-heart-rate", pulse, "beats/minute", "/min")
    _one(chart, visit, "9279-1", "Respiratory rate", "us-core-respiratory-rate",
         rng.randint(14, 18) if chart.age > 12 else rng.randint(20, 26), "breaths/minute", "/min")  # fmt: skip
    if rng.random() < 0.5:
        _one(chart, visit, "8310-5", "Body temperature", "us-core-body-temperature", tidy(rng.gauss(36.8, 0.2), 1),
             "Cel")  # fmt: skip
    else:
        _one(chart, visit, "8310-5", "Body temperature", "us-core-body-temperature", tidy(rng.gauss(98.2, 0.4), 1),
             "degF", "[degF]")  # fmt: skip
    oxygen(chart, visit, rng.randint(96, 99))


def head_size(chart: Chart, visit: Visit, value: float) -> None:
    """Of a baby, in cm."""
    _one(chart, visit, "9843-4", "Head Occipital-frontal circumference", "head-occipital-frontal-circumference",
         tidy(value, 1), "cm")  # fmt: skip


def smoking(chart: Chart, visit: Visit, code: str, display: str) -> None:
    chart.add("Observation", {
        "status": "final",
        "category": SOCIAL,
        "code": concept(LOINC, "72166-2", "Tobacco smoking status"),
        "subject": chart.subject,
        "effectiveDateTime": chart.days.day(visit.ago),
        "valueCodeableConcept": concept("http://snomed.info/sct", code, display),
    }, "us-core-smokingstatus")  # fmt: skip


def mood_score(chart: Chart, visit: Visit, score: int) -> None:
    chart.add("Observation", {
        "status": "final",
        "category": SURVEY,
        "code": concept(LOINC, "44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"),
        "subject": chart.subject,
        "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, 10),
        "valueInteger": score,
    }, "us-core-observation-screening-assessment")  # fmt: skip

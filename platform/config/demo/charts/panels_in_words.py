"""Results that are words, codes, ratios or pictures instead of numbers with a range."""

from typing import Any

from config.demo.charts.catalogue import Panel
from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import HL7, LOINC, SNOMED, Json, category, concept, quantity, reference
from config.demo.charts.labs import LABORATORY, interpretation, order, report, specimen_for

URINE = ("122575003", "Urine specimen")
URINALYSIS = Panel("24356-8", "Urinalysis complete panel - Urine", "Urinalysis", (), URINE)
CULTURE = Panel("630-4", "Bacteria identified in Urine by Culture", "Urine culture", (), URINE)
VIRUSES = Panel("94500-6", "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory specimen by NAA with probe detection",
                "COVID-19 test", (), ("258500001", "Nasopharyngeal swab"))  # fmt: skip
ANTIBODIES = Panel("5048-4", "Nuclear Ab [Titer] in Serum by Immunofluorescence", "ANA titer", ())
BLOOD_GROUP = Panel("882-1", "ABO and Rh group [Type] in Blood", "Blood type", ())

NEGATIVE = concept(SNOMED, "260385009", "Negative")
TRACE = concept(SNOMED, "260405006", "Trace")
ABSENT = concept(SNOMED, "260415000", "Not detected")


def told(chart: Chart, visit: Visit, code: Json, value: Json, *, ordered: str | None = None, status: str = "final",
         minutes: int = 40, **more: Any) -> str:  # fmt: skip
    """A result whose value[x] is given as FHIR has it."""
    return chart.add("Observation", {
        **({"basedOn": [reference(ordered)]} if ordered else {}),
        "status": status,
        "category": LABORATORY,
        "code": code,
        "subject": chart.subject,
        "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, minutes),
        "issued": chart.days.utc(visit.ago, visit.clock, minutes + 240),
        "performer": [reference(chart.places.laboratory)],
        **value,
        **more,
    }, "us-core-observation-lab")  # fmt: skip


_HIGH_POWER = "[#/area] in Urine sediment by Microscopy high power field"
_STRIP = (
    ("5792-7", "Glucose [Mass/volume] in Urine by Test strip", "Glucose"),
    ("20454-5", "Protein [Presence] in Urine by Test strip", "Protein"),
    ("5797-6", "Ketones [Mass/volume] in Urine by Test strip", "Ketones"),
    ("5802-4", "Nitrite [Presence] in Urine by Test strip", "Nitrite"),
)


def _looked_at(chart: Chart) -> list[tuple[Json, Json]]:
    """Code and rest of what is seen and measured in urine."""
    gravity, acidity = round(chart.rng.uniform(1.008, 1.024), 3), chart.rng.choice((5.5, 6, 6.5))
    return [
        (concept(LOINC, "5778-6", "Color of Urine", "Color"),
         {"valueString": chart.rng.choice(("Yellow", "Pale yellow")), "referenceRange": [{"text": "Yellow"}]}),
        (concept(LOINC, "32167-9", "Clarity of Urine", "Clarity"),
         {"valueCodeableConcept": {"text": "Clear"}, "referenceRange": [{"text": "Clear"}]}),
        (concept(LOINC, "5811-5", "Specific gravity of Urine by Test strip", "Specific gravity"),
         {"valueQuantity": quantity(gravity, "1"),
          "referenceRange": [{"low": quantity(1.005, "1"), "high": quantity(1.03, "1")}]}),
        (concept(LOINC, "5803-2", "pH of Urine by Test strip", "pH"),
         {"valueQuantity": quantity(acidity, "[pH]"),
          "referenceRange": [{"low": quantity(5, "[pH]"), "high": quantity(8, "[pH]")}]}),
    ]  # fmt: skip


def _on_strip(protein: Json | None) -> list[tuple[Json, Json]]:
    expected: Json = {"referenceRange": [{"text": "Negative"}]}
    rows = [(concept(LOINC, *code), {"valueCodeableConcept": NEGATIVE, **expected}) for code in _STRIP]
    if protein:
        rows[1][1].update(valueCodeableConcept=protein, interpretation=interpretation("H"))
    return rows


def _counted(cells: str) -> list[tuple[Json, Json]]:
    few: Json = {"low": quantity(0, "/[HPF]"), "high": quantity(5, "/[HPF]")}
    return [
        (concept(LOINC, "13945-1", f"Erythrocytes {_HIGH_POWER}", "Red blood cells"),
         {"valueString": f"{cells} /HPF", "referenceRange": [{"text": "0-2 /HPF"}]}),
        (concept(LOINC, "5821-4", f"Leukocytes {_HIGH_POWER}", "White blood cells"),
         {"valueRange": few, "referenceRange": [few]}),
    ]  # fmt: skip


def urinalysis(chart: Chart, visit: Visit, *, protein: Json | None = None, cells: str = "0-2") -> str:
    ordered = order(chart, visit, URINALYSIS)
    specimen = specimen_for(chart, visit, URINALYSIS)
    rows = [*_looked_at(chart), *_on_strip(protein), *_counted(cells)]
    results = [told(chart, visit, code, found, ordered=ordered) for code, found in rows]
    return report(chart, visit, URINALYSIS, results, ordered=ordered, specimen=specimen)


_GROWTH = """FINAL REPORT
Source: urine, clean catch

>100,000 CFU/mL Escherichia coli

Susceptibility (MIC, ug/mL)
  Ampicillin         >16    resistant
  Cefazolin          <=4    susceptible
  Nitrofurantoin     <=32   susceptible
  Trimethoprim/sulfa <=2/38 susceptible"""


def culture(chart: Chart, visit: Visit) -> str:
    """A microbiology report: text with columns, an organism, and susceptibilities as components."""
    ordered = order(chart, visit, CULTURE)
    specimen = specimen_for(chart, visit, CULTURE)
    grown = told(
        chart,
        visit,
        concept(LOINC, CULTURE.loinc, CULTURE.display, CULTURE.name),
        {"valueString": _GROWTH},
        ordered=ordered,
        interpretation=[concept(HL7 + "v3-ObservationInterpretation", "A", "Abnormal")],
    )
    organism = told(
        chart, visit, concept(LOINC, "18725-2", "Microbiology studies (set)", "Susceptibility"),
        {"valueCodeableConcept": concept(SNOMED, "112283007", "Escherichia coli")}, ordered=ordered,
        component=[
            {"code": concept(LOINC, "18864-9", "Ampicillin [Susceptibility]"),
             "valueQuantity": quantity(16, "ug/mL", comparator=">"),
             "interpretation": [concept(HL7 + "v3-ObservationInterpretation", "R", "Resistant")]},
            {"code": concept(LOINC, "18955-5", "Nitrofurantoin [Susceptibility]"),
             "valueQuantity": quantity(32, "ug/mL", comparator="<="),
             "interpretation": [concept(HL7 + "v3-ObservationInterpretation", "S", "Susceptible")]},
        ],
    )  # fmt: skip
    target = report(chart, visit, CULTURE, [grown, organism], ordered=ordered, specimen=specimen)
    chart.last()["conclusion"] = "Urinary tract infection with E. coli. Nitrofurantoin should work."
    return target


def word_test(chart: Chart, visit: Visit, panel: Panel, value: Json, **more: Any) -> str:
    """A test of one result that is a word, a code or a ratio."""
    ordered = order(chart, visit, panel)
    result = told(chart, visit, concept(LOINC, panel.loinc, panel.display, panel.name), value, ordered=ordered, **more)
    return report(chart, visit, panel, [result], ordered=ordered)


RADIOLOGY = category("v2-0074", "RAD", "Radiology")


def imaging(chart: Chart, visit: Visit, loinc: str, display: str, name: str, modality: str, conclusion: str,
            findings: str) -> str:  # fmt: skip
    """A picture with its study, and the radiologist's words."""
    ordered = chart.add("ServiceRequest", {
        "status": "completed", "intent": "order",
        "category": [concept(SNOMED, "363679005", "Imaging")],
        "code": concept(LOINC, loinc, display, name),
        "subject": chart.subject, "encounter": reference(visit.reference),
        "authoredOn": chart.days.at(visit.ago, visit.clock, 5),
        "requester": chart.places.clinician(visit.clinician),
    }, "us-core-servicerequest")  # fmt: skip
    uid = f"2.25.{chart.rng.getrandbits(100)}"
    study = chart.add("ImagingStudy", {
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
        "status": "available", "subject": chart.subject, "encounter": reference(visit.reference),
        "started": chart.days.at(visit.ago, visit.clock, 15), "numberOfSeries": 1, "numberOfInstances": 2,
        "description": name,
        "series": [{"uid": uid + ".1", "numberOfInstances": 2,
                    "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality}}],
    })  # fmt: skip
    return chart.add("DiagnosticReport", {
        "basedOn": [reference(ordered)], "status": "final", "category": RADIOLOGY,
        "code": concept(LOINC, loinc, display, name),
        "subject": chart.subject, "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, 15),
        "issued": chart.days.utc(visit.ago, visit.clock, 300),
        "performer": [chart.places.clinician("radiology")],
        "resultsInterpreter": [chart.places.clinician("radiology")],
        "imagingStudy": [reference(study)],
        "conclusion": conclusion,
        "text": {"status": "additional",
                 "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{findings}</p><p>{conclusion}</p></div>'},
    }, "us-core-diagnosticreport-note")  # fmt: skip

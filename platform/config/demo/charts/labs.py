"""Laboratory orders with their results: an order, a specimen, a report and its observations."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.demo.charts.catalogue import Analyte, Panel
from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import HL7, LOINC, SNOMED, Json, category, concept, quantity, reference

LABORATORY = category("observation-category", "laboratory", "Laboratory")
LAB_SECTION = category("v2-0074", "LAB", "Laboratory")
_INTERPRETATIONS = {"N": "Normal", "L": "Low", "H": "High", "LL": "Critical low", "HH": "Critical high"}


@dataclass(frozen=True, slots=True)
class Course:
    """How a patient's values run through the years: LOINC code -> value at the start and at the end."""

    targets: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    calm: float = 1.0

    def value(self, chart: Chart, analyte: Analyte, share: float) -> float:
        middle, spread = analyte.usual
        if analyte.loinc in self.targets:
            first, last = self.targets[analyte.loinc]
            middle, spread = first + (last - first) * share, spread * 0.4
        return tidy(chart.rng.gauss(middle, spread * self.calm), analyte.digits)


def tidy(value: float, digits: int) -> float:
    """As a laboratory prints it. A whole number stays an int, so that the EHR sends 140 and not 140.0."""
    rounded = round(max(value, 0.1), digits)
    return int(rounded) if digits == 0 else rounded


def interpretation(code: str) -> list[Json]:
    return [concept(HL7 + "v3-ObservationInterpretation", code, _INTERPRETATIONS[code])]


def usual_range(analyte: Analyte) -> list[Json]:
    bounds: Json = {}
    if analyte.low is not None:
        bounds["low"] = quantity(analyte.low, analyte.unit)
    if analyte.high is not None:
        bounds["high"] = quantity(analyte.high, analyte.unit)
    text = {
        (True, True): f"{analyte.low:g} - {analyte.high:g}" if analyte.low is not None and analyte.high else "",
        (True, False): f">= {analyte.low}",
        (False, True): f"<= {analyte.high}",
    }[(analyte.low is not None, analyte.high is not None)]
    return [{**bounds, "text": text}]


def judged(analyte: Analyte, value: float) -> str:
    if analyte.low is not None and value < analyte.low:
        return "L"
    return "H" if analyte.high is not None and value > analyte.high else "N"


def order(chart: Chart, visit: Visit, panel: Panel, status: str = "completed") -> str:
    return chart.add("ServiceRequest", {
        "status": status,
        "intent": "order",
        "category": [concept(SNOMED, "108252007", "Laboratory procedure")],
        "code": concept(LOINC, panel.loinc, panel.display, panel.name),
        "subject": chart.subject,
        "encounter": reference(visit.reference),
        "authoredOn": chart.days.at(visit.ago, visit.clock, 20),
        "requester": chart.places.clinician(visit.clinician),
    }, "us-core-servicerequest")  # fmt: skip


def measured(chart: Chart, visit: Visit, analyte: Analyte, value: float, *, ordered: str | None = None,
             minutes: int = 35) -> str:  # fmt: skip
    """One numeric result with its range."""
    own = analyte.for_sex(chart.sex)
    based_on = {"basedOn": [reference(ordered)]} if ordered else {}
    return chart.add("Observation", {
        **based_on,
        "status": "final",
        "category": LABORATORY,
        "code": concept(LOINC, own.loinc, own.display, own.name),
        "subject": chart.subject,
        "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, minutes),
        "issued": chart.days.utc(visit.ago, visit.clock, minutes + 190),
        "performer": [reference(chart.places.laboratory)],
        "valueQuantity": quantity(value, own.unit),
        "interpretation": interpretation(judged(own, value)),
        "referenceRange": usual_range(own),
    }, "us-core-observation-lab")  # fmt: skip


def report(chart: Chart, visit: Visit, panel: Panel, results: list[str], *, ordered: str, specimen: str | None = None,
           status: str = "final", minutes: int = 35) -> str:  # fmt: skip
    taken = {"specimen": [reference(specimen)]} if specimen else {}
    issued = {"issued": chart.days.utc(visit.ago, visit.clock, minutes + 200)} if status != "registered" else {}
    return chart.add("DiagnosticReport", {
        "basedOn": [reference(ordered)],
        "status": status,
        "category": LAB_SECTION,
        "code": concept(LOINC, panel.loinc, panel.display, panel.name),
        "subject": chart.subject,
        "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, minutes),
        **issued,
        "performer": [reference(chart.places.laboratory)],
        **taken,
        **({"result": [reference(r) for r in results]} if results else {}),
    }, "us-core-diagnosticreport-lab")  # fmt: skip


def specimen_for(chart: Chart, visit: Visit, panel: Panel, minutes: int = 35) -> str:
    return chart.add("Specimen", {
        "type": concept(SNOMED, *panel.specimen),
        "subject": chart.subject,
        "collection": {"collectedDateTime": chart.days.at(visit.ago, visit.clock, minutes)},
    })  # fmt: skip


def draw(chart: Chart, visit: Visit, panel: Panel, course: Course, share: float = 1.0) -> str:
    """Orders a panel at a visit and reports it; `share` says how far along its course the patient is (0 to 1)."""
    ordered = order(chart, visit, panel)
    specimen = specimen_for(chart, visit, panel)
    results = [
        measured(chart, visit, analyte, course.value(chart, analyte.for_sex(chart.sex), share), ordered=ordered)
        for analyte in panel.analytes
    ]
    return report(chart, visit, panel, results, ordered=ordered, specimen=specimen)

"""What a person has, had, cannot take and was vaccinated against."""

from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import CVX, HL7, RXNORM, SNOMED, Json, category, concept, reference, status


def condition(
    chart: Chart,
    snomed: str,
    display: str,
    text: str | None = None,
    *,
    since: str | None = None,
    onset: Json | None = None,
    clinical: str = "active",
    verified: str = "confirmed",
    visit: Visit | None = None,
    abated: str | None = None,
    note: str = "",
) -> str:
    """`since` and `abated` are dates of any precision; `onset` is another onset[x], as FHIR has it."""
    kind = ("encounter-diagnosis", "Encounter Diagnosis") if visit else ("problem-list-item", "Problem List Item")
    # FHIR forbids a clinical status on what was entered in error.
    state = {} if verified == "entered-in-error" else {"clinicalStatus": status("condition-clinical", clinical)}
    return chart.add("Condition", {
        **state,
        "verificationStatus": status("condition-ver-status", verified),
        "category": category("condition-category", *kind),
        "code": concept(SNOMED, snomed, display, text),
        "subject": chart.subject,
        **({"encounter": reference(visit.reference)} if visit else {}),
        **({"onsetDateTime": since} if since else onset or {}),
        **({"abatementDateTime": abated} if abated else {}),
        "recordedDate": chart.days.day(visit.ago if visit else chart.rng.randint(300, 900)),
        **({"note": [{"text": note}]} if note else {}),
    }, "us-core-condition-encounter-diagnosis" if visit else "us-core-condition-problems-health-concerns")  # fmt: skip


def allergy(chart: Chart, code: tuple[str, str, str], kind: str, reaction: tuple[str, str] | None = None, *,
            severity: str = "mild", criticality: str = "low", clinical: str = "active", verified: str = "confirmed",
            onset: str | None = None) -> str:  # fmt: skip
    system, value, display = code
    state = (
        {} if verified == "entered-in-error" else {"clinicalStatus": status("allergyintolerance-clinical", clinical)}
    )
    known: Json = (
        {"reaction": [{"manifestation": [concept(SNOMED, *reaction)], "severity": severity}]} if reaction else {}
    )
    return chart.add("AllergyIntolerance", {
        **state,
        "verificationStatus": status("allergyintolerance-verification", verified),
        "type": "allergy",
        "category": [kind],
        "criticality": criticality,
        "code": concept({"snomed": SNOMED, "rxnorm": RXNORM}[system], value, display),
        "patient": chart.subject,
        **({"onsetDateTime": onset} if onset else {}),
        "recordedDate": chart.days.day(700),
        **known,
    }, "us-core-allergyintolerance")  # fmt: skip


def no_known_allergies(chart: Chart) -> str:
    return chart.add("AllergyIntolerance", {
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", "confirmed"),
        "code": concept(SNOMED, "716186003", "No known allergy", "No known allergies"),
        "patient": chart.subject,
        "recordedDate": chart.days.day(420),
    }, "us-core-allergyintolerance")  # fmt: skip


VACCINES = {
    "flu": ("140", "Influenza, seasonal, injectable, preservative free", "Flu vaccine"),
    "covid": ("309", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "COVID-19 vaccine"),
    "tdap": ("115", "Tdap", "Tetanus, diphtheria and whooping cough (Tdap)"),
    "shingles": ("187", "zoster recombinant", "Shingles vaccine"),
    "pneumo": ("33", "pneumococcal polysaccharide vaccine, 23 valent", "Pneumococcal vaccine"),
    "mmr": ("03", "MMR", "Measles, mumps and rubella (MMR)"),
    "dtap": ("20", "DTaP", "Diphtheria, tetanus and whooping cough (DTaP)"),
    "polio": ("10", "IPV", "Polio vaccine"),
    "varicella": ("21", "varicella", "Chickenpox vaccine"),
    "hepb": ("08", "Hep B, adolescent or pediatric", "Hepatitis B vaccine"),
    "hepa": ("83", "Hep A, ped/adol, 2 dose", "Hepatitis A vaccine"),
    "hib": ("49", "Hib (PRP-OMP)", "Hib vaccine"),
    "rota": ("119", "rotavirus, monovalent", "Rotavirus vaccine"),
    "pcv": ("133", "Pneumococcal conjugate PCV 13", "Pneumococcal vaccine (PCV)"),
    "hpv": ("165", "HPV9", "HPV vaccine"),
    "meningo": ("114", "meningococcal MCV4P", "Meningitis vaccine (MenACWY)"),
}


def vaccine(chart: Chart, name: str, ago: int, *, dose: int | None = None, given: bool = True, when: Json | None = None,
            visit: Visit | None = None) -> str:  # fmt: skip
    """`when` stands in for the day `ago`: another precision, or words."""
    code, display, text = VACCINES[name]
    refused: Json = {"statusReason": concept(HL7 + "v3-ActReason", "PATOBJ", "Patient objection")}
    numbered: Json = {"protocolApplied": [{"doseNumberPositiveInt": dose}]} if dose else {}
    return chart.add("Immunization", {
        "status": "completed" if given else "not-done",
        **({} if given else refused),
        "vaccineCode": concept(CVX, code, display, text),
        "patient": chart.subject,
        **({"encounter": reference(visit.reference)} if visit else {}),
        **(when or {"occurrenceDateTime": chart.days.day(ago)}),
        "primarySource": when is None,
        **({"lotNumber": f"L{chart.rng.randint(10000, 99999)}"} if given and when is None else {}),
        **numbered,
    }, "us-core-immunization")  # fmt: skip


def procedure(chart: Chart, snomed: str, display: str, text: str | None = None, *, when: Json, state: str = "completed",
              visit: Visit | None = None, who: str = "family") -> str:  # fmt: skip
    return chart.add("Procedure", {
        "status": state,
        "code": concept(SNOMED, snomed, display, text),
        "subject": chart.subject,
        **({"encounter": reference(visit.reference)} if visit else {}),
        **when,
        "performer": [{"actor": chart.places.clinician(who)}],
    }, "us-core-procedure")  # fmt: skip


PENICILLIN = ("rxnorm", "7980", "penicillin G")
SULFA = ("rxnorm", "10180", "sulfamethoxazole")
IBUPROFEN = ("rxnorm", "5640", "ibuprofen")
CODEINE = ("rxnorm", "2670", "codeine")
PEANUT = ("snomed", "762952008", "Peanut")
LATEX = ("snomed", "111088007", "Latex")
HIVES = ("126485001", "Urticaria")
RASH = ("271807003", "Eruption of skin")
ANAPHYLAXIS = ("39579001", "Anaphylaxis")
NAUSEA = ("422587007", "Nausea")

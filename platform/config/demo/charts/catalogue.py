"""What a laboratory measures: LOINC codes, units and usual ranges of adults, panel by panel."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Analyte:
    """`low` or `high` is None where the range is open; `usual` is a healthy person's middle and spread."""

    loinc: str
    display: str
    name: str
    unit: str
    low: float | None
    high: float | None
    digits: int
    usual: tuple[float, float]
    male: tuple[float, float] | None = None
    coded: tuple[str, str] | None = None

    def for_sex(self, sex: str) -> "Analyte":
        if sex != "male" or self.male is None:
            return self
        low, high = self.male
        return replace(self, low=low, high=high, usual=((low + high) / 2, (high - low) / 8))


@dataclass(frozen=True, slots=True)
class Panel:
    loinc: str
    display: str
    name: str
    analytes: tuple[Analyte, ...]
    specimen: tuple[str, str] = ("119297000", "Blood specimen")


def _serum(loinc: str, what: str, name: str, unit: str, low: float | None, high: float | None, digits: int,
           usual: tuple[float, float], male: tuple[float, float] | None = None) -> Analyte:  # fmt: skip
    kind = {"mmol/L": "Moles/volume", "U/L": "Enzymatic activity/volume"}.get(unit, "Mass/volume")
    return Analyte(loinc, f"{what} [{kind}] in Serum or Plasma", name, unit, low, high, digits, usual, male)


GLUCOSE = _serum("2345-7", "Glucose", "Glucose", "mg/dL", 70, 99, 0, (88, 5))
CREATININE = _serum("2160-0", "Creatinine", "Creatinine", "mg/dL", 0.5, 1.1, 2, (0.78, 0.08), (0.7, 1.3))
EGFR = Analyte("98979-8", "Glomerular filtration rate [Volume Rate/Area] in Serum, Plasma or Blood by "
               "Creatinine-based formula (CKD-EPI 2021)/1.73 sq M", "eGFR", "mL/min/{1.73_m2}", 60, None, 0,
               (92, 6))  # fmt: skip
_BASIC = (
    GLUCOSE,
    _serum("3094-0", "Urea nitrogen", "Urea nitrogen (BUN)", "mg/dL", 7, 20, 0, (13, 2)),
    CREATININE,
    EGFR,
    _serum("2951-2", "Sodium", "Sodium", "mmol/L", 135, 145, 0, (140, 1.6)),
    _serum("2823-3", "Potassium", "Potassium", "mmol/L", 3.5, 5.1, 1, (4.2, 0.25)),
    _serum("2075-0", "Chloride", "Chloride", "mmol/L", 98, 107, 0, (102, 1.6)),
    _serum("2028-9", "Carbon dioxide, total", "Carbon dioxide", "mmol/L", 22, 29, 0, (25, 1.3)),
    _serum("17861-6", "Calcium", "Calcium", "mg/dL", 8.6, 10.3, 1, (9.4, 0.25)),
)
_LIVER = (
    _serum("2885-2", "Protein", "Total protein", "g/dL", 6, 8.3, 1, (7.1, 0.3)),
    _serum("1751-7", "Albumin", "Albumin", "g/dL", 3.5, 5, 1, (4.3, 0.2)),
    _serum("1975-2", "Bilirubin.total", "Total bilirubin", "mg/dL", 0.1, 1.2, 1, (0.6, 0.15)),
    _serum("6768-6", "Alkaline phosphatase", "Alkaline phosphatase", "U/L", 44, 147, 0, (76, 10)),
    _serum("1920-8", "Aspartate aminotransferase", "AST", "U/L", 8, 40, 0, (22, 4)),
    _serum("1742-6", "Alanine aminotransferase", "ALT", "U/L", 7, 56, 0, (24, 5)),
)
BMP = Panel("24321-2", "Basic metabolic 2000 panel - Serum or Plasma", "Basic metabolic panel", _BASIC)
CMP = Panel(
    "24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma", "Comprehensive metabolic panel", _BASIC + _LIVER
)
LDL = Analyte("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", "LDL cholesterol",
              "mg/dL", None, 100, 0, (92, 10))  # fmt: skip
LIPIDS = Panel(
    "24331-1", "Lipid 1996 panel - Serum or Plasma", "Cholesterol panel",
    (
        _serum("2093-3", "Cholesterol", "Total cholesterol", "mg/dL", None, 200, 0, (176, 12)),
        _serum("2571-8", "Triglyceride", "Triglycerides", "mg/dL", None, 150, 0, (104, 14)),
        _serum("2085-9", "Cholesterol in HDL", "HDL cholesterol", "mg/dL", 40, None, 0, (56, 4)),
        LDL,
    ),
)  # fmt: skip


def _blood(loinc: str, display: str, name: str, unit: str, low: float, high: float, digits: int,
           usual: tuple[float, float], male: tuple[float, float] | None = None) -> Analyte:  # fmt: skip
    return Analyte(loinc, display, name, unit, low, high, digits, usual, male)


HEMOGLOBIN = _blood("718-7", "Hemoglobin [Mass/volume] in Blood", "Hemoglobin", "g/dL", 12, 15.5, 1, (13.6, 0.4),
                    (13.5, 17.5))  # fmt: skip
CBC = Panel(
    "58410-2", "CBC panel - Blood by Automated count", "Complete blood count",
    (
        _blood("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "White blood cells", "10*3/uL",
               4, 11, 1, (6.6, 1)),
        _blood("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "Red blood cells", "10*6/uL",
               3.9, 5.2, 2, (4.5, 0.2), (4.3, 5.7)),
        HEMOGLOBIN,
        _blood("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "Hematocrit", "%",
               36, 46, 1, (41, 1.3), (39, 50)),
        _blood("787-2", "MCV [Entitic mean volume] in Red Blood Cells by Automated count", "MCV", "fL",
               80, 100, 0, (90, 2.5)),
        _blood("785-6", "MCH [Entitic mass] by Automated count", "MCH", "pg", 27, 33, 1, (30, 0.8)),
        _blood("786-4", "MCHC [Entitic Mass/volume] in Red Blood Cells by Automated count", "MCHC", "g/dL",
               32, 36, 1, (33.6, 0.5)),
        _blood("788-0", "Erythrocyte [DistWidth] in Blood by Automated count", "RDW", "%", 11.5, 14.5, 1, (13, 0.4)),
        _blood("777-3", "Platelets [#/volume] in Blood by Automated count", "Platelets", "10*3/uL",
               150, 400, 0, (250, 25)),
    ),
)  # fmt: skip

A1C = Analyte("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "Hemoglobin A1c", "%", 4, 5.6, 1, (5.2, 0.1))
TSH = Analyte("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "TSH", "m[IU]/L", 0.4, 4, 2, (1.8, 0.4))
FREE_T4 = _serum("3024-7", "Thyroxine (T4) free", "Free T4", "ng/dL", 0.8, 1.8, 1, (1.2, 0.1))
FERRITIN = _serum("2276-4", "Ferritin", "Ferritin", "ng/mL", 13, 150, 0, (62, 10), (30, 400))
IRON = _serum("2498-4", "Iron", "Iron", "ug/dL", 50, 170, 0, (95, 15))
VITAMIN_D = _serum("1989-3", "25-hydroxyvitamin D3", "Vitamin D", "ng/mL", 30, 100, 0, (38, 4))
B12 = _serum("2132-9", "Cobalamin (Vitamin B12)", "Vitamin B12", "pg/mL", 232, 1245, 0, (520, 60))
URATE = _serum("3084-1", "Urate", "Uric acid", "mg/dL", 2.6, 6, 1, (4.6, 0.4), (3.5, 7.2))
BNP = _serum("30934-4", "Natriuretic peptide B", "BNP", "pg/mL", None, 100, 0, (42, 12))
PSA = _serum("2857-1", "Prostate specific Ag", "PSA", "ng/mL", None, 4, 2, (1.1, 0.2))
INR = Analyte("6301-6", "INR in Platelet poor plasma by Coagulation assay", "INR", "{INR}", 0.9, 1.1, 1, (1, 0.03))
UACR = Analyte("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine", "Urine albumin to creatinine", "mg/g", None, 30,
               0, (9, 3))  # fmt: skip
LEAD = Analyte("77307-7", "Lead [Mass/volume] in Venous blood", "Lead", "ug/dL", None, 3.5, 1, (1.4, 0.4))
TTG = Analyte("31017-7", "Tissue transglutaminase IgA Ab [Units/volume] in Serum", "Celiac antibodies (tTG-IgA)",
              "U/mL", None, 4, 1, (1.6, 0.3))  # fmt: skip

THYROID = Panel("55204-3", "Thyroid function panel - Serum or Plasma", "Thyroid panel", (TSH, FREE_T4))
IRON_STORES = Panel(
    "50190-8", "Iron and Iron binding capacity panel - Serum or Plasma", "Iron studies", (FERRITIN, IRON)
)


def single(analyte: Analyte) -> Panel:
    """A test that is ordered alone, reported as a panel of one."""
    urine = analyte.loinc == "9318-7"
    return Panel(
        analyte.loinc, analyte.display, analyte.name, (analyte,),
        ("122575003", "Urine specimen") if urine else ("119297000", "Blood specimen"),
    )  # fmt: skip

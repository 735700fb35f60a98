"""Lives of children, from the first days to sixteen."""

from config.demo.charts import history as past
from config.demo.charts.catalogue import A1C, CBC, FERRITIN, HEMOGLOBIN, LEAD, TTG, UACR, single
from config.demo.charts.chart import Chart, Visit
from config.demo.charts.documents import text_summary
from config.demo.charts.labs import Course, draw
from config.demo.charts.medications import prescription
from config.demo.charts.panels_in_words import imaging
from config.demo.charts.visits import appointment, visit
from config.demo.charts.vitals import head_size, vitals

# Middle of the growth charts: age in years -> height in cm, weight in kg.
_GROWTH = {0: (52, 3.9), 1: (75, 9.6), 2: (87, 12.3), 3: (95, 14.2), 4: (102, 16.3), 5: (109, 18.5), 6: (115, 20.8),
           7: (122, 23.2), 8: (128, 25.8), 9: (133, 28.7), 10: (138, 32.1), 11: (144, 36.1), 12: (150, 40.7),
           13: (156, 45.8), 14: (161, 50.6), 15: (165, 54.6), 16: (168, 57.8), 17: (170, 60.4)}  # fmt: skip
_SCHEDULE = (
    ("hepb", (0.02, 0.16, 0.5)),
    ("rota", (0.17, 0.34)),
    ("dtap", (0.17, 0.34, 0.5, 1.3, 4.4)),
    ("hib", (0.17, 0.34, 1.05)),
    ("pcv", (0.17, 0.34, 0.5, 1.05)),
    ("polio", (0.17, 0.34, 0.6, 4.4)),
    ("mmr", (1.05, 4.4)),
    ("varicella", (1.05, 4.4)),
    ("hepa", (1.05, 1.6)),
    ("tdap", (11.2,)),
    ("meningo", (11.2, 16.1)),
    ("hpv", (11.2, 11.8)),
)


def size_at(chart: Chart, ago: int) -> tuple[float, float]:
    """Height and weight the child had `ago` days back."""
    age = max(0.0, chart.age + 0.4 - ago / 365.25)
    lower = min(int(age), 16)
    (h0, w0), (h1, w1) = _GROWTH[lower], _GROWTH[lower + 1]
    share = min(age - lower, 1)
    return h0 + (h1 - h0) * share, w0 + (w1 - w0) * share


def childhood_vaccines(chart: Chart) -> None:
    """As the schedule has it, up to the child's age."""
    lived = (chart.age + 0.1) * 365.25
    for name, ages in _SCHEDULE:
        for number, age in enumerate(ages, 1):
            if age * 365.25 < lived:
                past.vaccine(chart, name, round(lived - age * 365.25), dose=number)


def check(chart: Chart, ago: int, reason: str = "Well child visit", *, kind: str = "wellness", who: str = "family",
          room: str = "clinic") -> Visit:  # fmt: skip
    own = visit(chart, ago, kind, reason=reason, who=who, room=room)
    height, weight = size_at(chart, ago)
    vitals(chart, own, height=height, weight=weight, systolic=None if chart.age < 3 else 96 + chart.age)
    if chart.age < 2:
        head_size(chart, own, 35.5 + size_at(chart, ago)[1] * 1.1)
    return own


def newborn(chart: Chart) -> None:
    for ago in (16, 6):
        check(chart, ago)
    past.vaccine(chart, "hepb", 19, dose=1)
    appointment(chart, 4, "09:20", "Weight check", who="nurse")


def baby(chart: Chart) -> None:
    for ago in (300, 210, 120, 25):
        check(chart, ago)
    draw(chart, check(chart, 24, "Blood tests", kind="lab"), single(LEAD), Course())
    draw(chart, visit(chart, 23, "lab"), single(HEMOGLOBIN), Course({"718-7": (11.6, 11.2)}))
    childhood_vaccines(chart)
    past.no_known_allergies(chart)
    appointment(chart, 60, "10:10", "Well child visit", who="family")


def toddler(chart: Chart) -> None:
    for ago in (400, 30):
        check(chart, ago)
    childhood_vaccines(chart)
    past.condition(chart, "3110003", "Acute otitis media", "Ear infection", clinical="resolved",
                   since=chart.days.day(150), abated=chart.days.day(138))  # fmt: skip
    prescription(chart, "amoxicillin", ago=150, state="completed", because="Ear infection", refills=0)
    past.no_known_allergies(chart)


def school_child(chart: Chart) -> None:
    for ago in (730, 370, 20):
        check(chart, ago)
    draw(chart, check(chart, 19, "Blood tests", kind="lab"), CBC, Course())
    childhood_vaccines(chart)
    past.allergy(chart, past.PENICILLIN, "medication", past.RASH)
    appointment(chart, 7, "15:45", "Check-up", who="family", bring="Bring the form from school.")


def asthma(chart: Chart) -> None:
    for ago in (500, 240, 75, 10):
        check(chart, ago, "Asthma", kind="follow", who="lungs")
    past.condition(chart, "195967001", "Asthma", since=chart.days.year(900))
    past.condition(chart, "24079001", "Atopic dermatitis", "Eczema", onset={"onsetString": "as a baby"})
    prescription(chart, "albuterol", ago=500, who="lungs", because="Asthma")
    prescription(chart, "fluticasone", ago=240, who="lungs", because="Asthma")
    own = visit(chart, 76, "emergency", reason="Trouble breathing", room="emergency", clock="03:20", minutes=300)
    text_summary(chart, own, "Emergency visit", ["You came with wheezing.", "Breathing was better after 3 treatments."])
    childhood_vaccines(chart)
    appointment(chart, 14, "15:45", "Asthma check", who="lungs", bring="Bring both inhalers.")


def peanut(chart: Chart) -> None:
    check(chart, 40)
    past.allergy(
        chart, past.PEANUT, "food", past.ANAPHYLAXIS, severity="severe", criticality="high", onset=chart.days.month(700)
    )
    prescription(chart, "epinephrine", ago=40, because="Peanut allergy")
    childhood_vaccines(chart)
    appointment(chart, 33, "11:30", "Allergy clinic", who="family")


def attention(chart: Chart) -> None:
    for ago in (300, 150, 22):
        check(chart, ago, "School and attention", kind="follow")
    past.condition(chart, "406506008", "Attention deficit hyperactivity disorder", "ADHD", since=chart.days.month(310))
    childhood_vaccines(chart)


def type_one(chart: Chart) -> None:
    course = Course({"4548-4": (9.6, 7.6), "9318-7": (8, 12)})
    for number, ago in enumerate((560, 380, 190, 7)):
        own = check(chart, ago, "Type 1 diabetes", kind="follow", who="diabetes", room="diabetes")
        draw(chart, own, single(A1C), course, number / 3)
        draw(chart, own, single(UACR), course, number / 3)
    past.condition(chart, "46635009", "Diabetes mellitus type 1", "Type 1 diabetes", since=chart.days.day(600))
    prescription(chart, "glargine", ago=560, who="diabetes", because="Type 1 diabetes")
    childhood_vaccines(chart)
    appointment(chart, 6, "15:45", "Diabetes check", who="diabetes", room="diabetes")


def celiac(chart: Chart) -> None:
    course = Course({"31017-7": (38, 3.1), "2276-4": (9, 24)})
    for number, ago in enumerate((420, 230, 17)):
        own = check(chart, ago, "Celiac disease", kind="follow")
        draw(chart, own, single(TTG), course, number / 2)
        draw(chart, own, single(FERRITIN), course, number / 2)
    past.condition(chart, "396331005", "Celiac disease", since=chart.days.month(430))
    childhood_vaccines(chart)


def broken_arm(chart: Chart) -> None:
    own = visit(chart, 26, "emergency", reason="Fell off a skateboard", room="emergency", clock="17:40", minutes=180)
    imaging(chart, own, "36568-4", "XR Forearm Views", "X-ray of the forearm", "DX",
            "Broken radius, not displaced.", "A thin line crosses the lower third of the radius.")  # fmt: skip
    past.condition(chart, "65966004", "Fracture of forearm", "Broken forearm", since=chart.days.day(26), visit=own)
    past.procedure(chart, "274474001", "Application of cast", "Cast", visit=own,
                   when={"performedDateTime": chart.days.at(26, "19:10")})  # fmt: skip
    appointment(chart, 10, "08:30", "Cast off", who="nurse")


def migraine(chart: Chart) -> None:
    check(chart, 35, "Headaches", kind="office")
    past.condition(chart, "37796009", "Migraine", onset={"onsetAge": {"value": 11, "unit": "years",
                   "system": "http://unitsofmeasure.org", "code": "a"}})  # fmt: skip
    prescription(chart, "ibuprofen", ago=35, because="Migraine")
    childhood_vaccines(chart)


def sickle_trait(chart: Chart) -> None:
    draw(chart, check(chart, 44), CBC, Course({"718-7": (11.4, 11.4)}))
    past.condition(chart, "16402000", "Sickle cell trait", since=chart.days.year(2200))
    childhood_vaccines(chart)

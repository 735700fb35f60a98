"""What happened to a patient over the last years. One function is one kind of life."""

from config.demo.charts import history as past
from config.demo.charts.catalogue import (
    A1C,
    BMP,
    BNP,
    CBC,
    CMP,
    FERRITIN,
    INR,
    LIPIDS,
    PSA,
    THYROID,
    TSH,
    TTG,
    UACR,
    URATE,
    VITAMIN_D,
    Panel,
    single,
)  # fmt: skip
from config.demo.charts.chart import Chart, Visit
from config.demo.charts.documents import text_summary
from config.demo.charts.labs import Course, draw
from config.demo.charts.medications import prescription
from config.demo.charts.rich import rich_adult, rich_teen
from config.demo.charts.stories_children import (
    asthma,
    attention,
    baby,
    broken_arm,
    celiac,
    migraine,
    newborn,
    peanut,
    school_child,
    sickle_trait,
    toddler,
    type_one,
)  # fmt: skip
from config.demo.charts.visits import appointment, visit
from config.demo.charts.vitals import mood_score, smoking, vitals

__all__ = [
    "asthma", "attention", "baby", "back_pain", "bones", "broken_arm", "celiac", "diabetes", "expecting", "frail",
    "gout", "healthy_adult", "heart", "kidney", "lungs", "migraine", "mood", "newborn", "nothing", "one_allergy",
    "peanut", "pressure", "reflux", "rich_adult", "rich_teen", "school_child", "sickle_trait", "thyroid", "toddler",
    "type_one",
]  # fmt: skip


def follow(chart: Chart, agos: list[int], panels: list[Panel], course: Course, *, reason: str, who: str = "family",
           weight: tuple[float, float] = (78, 80), systolic: int = 128) -> list[Visit]:  # fmt: skip
    """Visits from the first to the last, each with vital signs and the panels, along the patient's course."""
    height = (176 if chart.sex == "male" else 163) + chart.rng.randint(-8, 8)
    seen = []
    for number, ago in enumerate(agos):
        share = number / max(1, len(agos) - 1)
        own = visit(chart, ago, "office" if number == 0 else "follow", reason=reason, who=who)
        vitals(chart, own, height=height, weight=weight[0] + (weight[1] - weight[0]) * share, systolic=systolic)
        for panel in panels:
            draw(chart, own, panel, course, share)
        seen.append(own)
    return seen


def grown_up_vaccines(chart: Chart) -> None:
    past.vaccine(chart, "flu", 50 + chart.rng.randint(0, 20))
    past.vaccine(chart, "flu", 410 + chart.rng.randint(0, 20))
    past.vaccine(chart, "covid", 60)
    past.vaccine(chart, "tdap", 1700)
    if chart.age >= 50:
        past.vaccine(chart, "shingles", 900, dose=1)
        past.vaccine(chart, "shingles", 780, dose=2)
    if chart.age >= 65:
        past.vaccine(chart, "pneumo", 1300)


def summarised(chart: Chart, own: Visit, plan: str) -> None:
    text_summary(chart, own, "After your visit", [f"Why you came: {plan}", "Next: see us again as planned."])


def nothing(chart: Chart) -> None:
    """A patient who was only registered."""


def one_allergy(chart: Chart) -> None:
    past.allergy(chart, past.PENICILLIN, "medication", past.HIVES)


def healthy_adult(chart: Chart) -> None:
    seen = follow(
        chart, [760, 390, 21], [CBC, LIPIDS], Course(), reason="Yearly check-up", systolic=116, weight=(70, 71)
    )
    past.no_known_allergies(chart)
    grown_up_vaccines(chart)
    smoking(chart, seen[-1], "266919005", "Never smoked tobacco")
    appointment(chart, 190, "09:30", "Yearly check-up", who="family")


def pressure(chart: Chart) -> None:
    seen = follow(chart, [900, 540, 200, 9], [BMP, LIPIDS], Course({"2345-7": (94, 101)}), reason="High blood pressure",
                  systolic=142, weight=(88, 86))  # fmt: skip
    past.condition(chart, "59621000", "Essential hypertension", "High blood pressure", since=chart.days.month(1500))
    past.allergy(chart, past.SULFA, "medication", past.RASH)
    prescription(chart, "amlodipine", ago=540, because="High blood pressure")
    prescription(chart, "lisinopril", ago=1400, state="stopped", because="Cough")
    grown_up_vaccines(chart)
    summarised(chart, seen[-1], "Blood pressure check")
    appointment(chart, 12, "10:00", "Blood pressure check", who="nurse")
    appointment(chart, -200, "10:00", "Blood pressure check", who="nurse", status="fulfilled")


def diabetes(chart: Chart) -> None:
    seen = follow(chart, [1080, 720, 365, 180, 6], [single(A1C), CMP, single(UACR)],
                  Course({"4548-4": (8.4, 6.9), "2345-7": (182, 128), "9318-7": (22, 41)}), reason="Type 2 diabetes",
                  weight=(94, 87), systolic=134)  # fmt: skip
    past.condition(chart, "44054006", "Diabetes mellitus type 2", "Type 2 diabetes", since=chart.days.year(3200))
    past.condition(chart, "55822004", "Hyperlipidemia", "High cholesterol", onset={"onsetString": "about 10 years ago"})
    past.no_known_allergies(chart)
    prescription(chart, "metformin", ago=1080, because="Type 2 diabetes")
    prescription(chart, "atorvastatin", ago=700, because="High cholesterol")
    grown_up_vaccines(chart)
    summarised(chart, seen[-1], "Diabetes check")
    appointment(chart, 5, "14:15", "Diabetes check", who="family", bring="Bring your glucose meter and your logbook.")


def heart(chart: Chart) -> None:
    follow(chart, [700, 330, 90, 8], [BMP, single(BNP), single(INR)],
           Course({"30934-4": (410, 180), "2160-0": (1.2, 1.4), "98979-8": (58, 52)}),
           reason="Heart failure", who="heart", weight=(84, 82), systolic=122)  # fmt: skip
    past.condition(chart, "84114007", "Heart failure", since=chart.days.day(1400))
    past.condition(
        chart,
        "49436004",
        "Atrial fibrillation",
        onset={
            "onsetAge": {"value": chart.age - 3, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}
        },
    )
    past.allergy(chart, past.CODEINE, "medication", past.NAUSEA, severity="moderate")
    for name in ("carvedilol", "furosemide", "apixaban"):
        prescription(chart, name, ago=330, who="heart", because="Heart failure")
    stay = visit(chart, 705, "stay", reason="Shortness of breath", who="heart", room="ward", minutes=4 * 1440)
    past.procedure(chart, "40701008", "Echocardiography", "Heart ultrasound", who="heart", visit=stay,
                   when={"performedDateTime": chart.days.at(704, "11:20")})  # fmt: skip
    grown_up_vaccines(chart)
    appointment(
        chart, 3, "10:30", "Heart check-up", who="heart", room="heart", bring="Bring your medicines and insurance card."
    )


def kidney(chart: Chart) -> None:
    follow(chart, [1000, 640, 280, 12], [CMP, CBC, single(UACR)],
           Course({"2160-0": (1.5, 1.9), "98979-8": (48, 36), "718-7": (12.1, 11.2), "9318-7": (120, 210)}),
           reason="Kidney disease", who="kidney", systolic=138)  # fmt: skip
    past.condition(chart, "433144002", "Chronic kidney disease stage 3", since=chart.days.year(2000))
    past.condition(chart, "59621000", "Essential hypertension", "High blood pressure")
    past.allergy(chart, past.IBUPROFEN, "medication", past.RASH, severity="severe", criticality="high")
    prescription(chart, "losartan", ago=900, who="kidney", because="Kidney disease", as_resource="own")
    grown_up_vaccines(chart)
    appointment(chart, 20, "13:00", "Kidney clinic", who="kidney")


def thyroid(chart: Chart) -> None:
    who = "thyroid" if chart.places.slug == "mercy" else "diabetes"
    follow(chart, [800, 430, 60, 5], [THYROID], Course({"3016-3": (7.8, 2.4), "3024-7": (0.7, 1.2)}),
           reason="Underactive thyroid", who=who, weight=(66, 64), systolic=118)  # fmt: skip
    past.condition(chart, "40930008", "Hypothyroidism", "Underactive thyroid", since=chart.days.month(800))
    prescription(chart, "levothyroxine", ago=790, who=who, because="Underactive thyroid")
    past.no_known_allergies(chart)
    appointment(chart, 45, "11:00", "Thyroid check", who=who, room=None, comment="Video visit")


def gout(chart: Chart) -> None:
    follow(chart, [500, 160, 30], [single(URATE), BMP], Course({"3084-1": (9.1, 6.2)}), reason="Gout", weight=(97, 95))
    past.condition(chart, "90560007", "Gout", since=chart.days.day(520))
    prescription(chart, "ibuprofen", ago=500, state="completed", because="Gout")
    draw(chart, visit(chart, 29, "lab"), single(PSA), Course())
    past.no_known_allergies(chart)


def frail(chart: Chart) -> None:
    follow(chart, [400, 120, 15], [CBC, BMP, single(VITAMIN_D)], Course({"1989-3": (14, 27), "718-7": (11.4, 11.9)}),
           reason="Care at home", weight=(54, 51), systolic=132)  # fmt: skip
    past.condition(chart, "396275006", "Osteoarthritis", "Worn joints", since=chart.days.year(7000))
    past.condition(chart, "263102004", "Fracture subluxation of wrist", "Broken wrist", clinical="resolved",
                   since=chart.days.day(420), abated=chart.days.month(330))  # fmt: skip
    past.allergy(chart, past.LATEX, "environment", past.RASH)
    prescription(chart, "aspirin", ago=2000)
    grown_up_vaccines(chart)


def mood(chart: Chart) -> None:
    for ago, score in ((300, 17), (200, 11), (90, 6), (14, 4)):
        mood_score(chart, visit(chart, ago, "video", reason="Low mood"), score)
    past.condition(
        chart, "35489007", "Depressive disorder", "Depression", clinical="remission", since=chart.days.month(320)
    )
    prescription(chart, "sertraline", ago=295, because="Depression")
    appointment(chart, 30, "16:00", "Talk about your mood", who="family", room=None, comment="Video visit")


def expecting(chart: Chart) -> None:
    follow(chart, [150, 90, 28, 4], [CBC, single(FERRITIN)], Course({"718-7": (12.6, 11.1), "2276-4": (38, 11)}),
           reason="Pregnancy check", weight=(62, 70), systolic=112)  # fmt: skip
    past.condition(chart, "77386006", "Pregnancy", since=chart.days.day(160))
    prescription(chart, "iron", ago=27, because="Low iron")
    past.no_known_allergies(chart)
    for ahead in (9, 23, 37):
        appointment(chart, ahead, "08:40", "Pregnancy check", who="family")


def reflux(chart: Chart) -> None:
    follow(chart, [260, 40], [CMP, CBC], Course({"1742-6": (71, 49)}), reason="Heartburn", weight=(90, 88))
    past.condition(chart, "235595009", "Gastroesophageal reflux disease", "Heartburn", since=chart.days.year(700))
    prescription(chart, "omeprazole", ago=260, because="Heartburn", as_resource="contained")
    past.procedure(
        chart,
        "76009000",
        "Esophagogastroduodenoscopy",
        "Camera test of the stomach",
        when={"performedPeriod": {"start": chart.days.at(230, "09:00"), "end": chart.days.at(230, "09:40")}},
    )


def bones(chart: Chart) -> None:
    follow(chart, [720, 350, 18], [single(VITAMIN_D), BMP, LIPIDS], Course({"1989-3": (19, 34)}), reason="Bone health")
    past.condition(chart, "312894000", "Osteopenia", "Thin bones", since=chart.days.month(720))
    past.allergy(chart, past.PENICILLIN, "medication", verified="refuted", clinical="inactive")
    grown_up_vaccines(chart)


def back_pain(chart: Chart) -> None:
    own = visit(chart, 70, "emergency", reason="Back pain", room="emergency", clock="22:10", minutes=210)
    vitals(chart, own, height=182, weight=91, systolic=138)
    past.condition(chart, "279039007", "Low back pain", "Back pain", visit=own)
    prescription(chart, "gabapentin", ago=70, state="completed", because="Back pain", refills=0)
    appointment(chart, -40, "15:00", "Back pain follow-up", who="family", status="noshow")
    appointment(chart, 8, "15:00", "Back pain follow-up", who="family")


def lungs(chart: Chart) -> None:
    seen = follow(
        chart, [640, 300, 33], [CBC, single(TSH)], Course({"6690-2": (9, 12.4)}), reason="COPD", weight=(61, 58)
    )
    past.condition(chart, "13645005", "Chronic obstructive lung disease", "COPD", since=chart.days.year(4000))
    smoking(chart, seen[-1], "8517006", "Ex-smoker")
    prescription(chart, "albuterol", ago=640, because="COPD")
    draw(chart, seen[-1], single(TTG), Course())
    grown_up_vaccines(chart)

"""The two rich charts: Alice's at Mercy General, Eve's at Riverside Children's. Four years of everything."""

from config.demo.charts import history as past
from config.demo.charts.around import care_team, coverage, device, plan_and_goal, relative
from config.demo.charts.catalogue import (
    A1C,
    B12,
    BMP,
    CBC,
    CMP,
    FERRITIN,
    IRON_STORES,
    LIPIDS,
    THYROID,
    TSH,
    TTG,
    UACR,
    VITAMIN_D,
    single,
)  # fmt: skip
from config.demo.charts.chart import Chart, Visit
from config.demo.charts.documents import document, html_summary, pdf, pdf_summary, text_summary
from config.demo.charts.labs import Course, draw
from config.demo.charts.medications import prescription
from config.demo.charts.oddities import all_of_them
from config.demo.charts.panels_in_words import TRACE, culture, imaging, urinalysis
from config.demo.charts.stories_children import check, childhood_vaccines
from config.demo.charts.visits import appointment, visit
from config.demo.charts.vitals import smoking, vitals

_ALICE = Course({
    "4548-4": (5.3, 5.9), "2345-7": (90, 104), "13457-7": (162, 96), "2093-3": (251, 178), "2571-8": (188, 131),
    "3016-3": (6.4, 2.1), "3024-7": (0.7, 1.2), "1989-3": (17, 41), "2276-4": (8, 46), "2498-4": (38, 88),
    "718-7": (11.3, 13.4), "787-2": (76, 89),
})  # fmt: skip
_ALICE_AGOS = [1460, 1280, 1095, 915, 730, 550, 365, 185, 95, 6]


def _alice_labs(chart: Chart) -> list[Visit]:
    seen = []
    for number, ago in enumerate(_ALICE_AGOS):
        share = number / (len(_ALICE_AGOS) - 1)
        own = visit(chart, ago, "office" if number % 2 == 0 else "follow", who="family", clock="08:30",
                    reason="Yearly check-up" if number % 2 == 0 else "Blood sugar and cholesterol")  # fmt: skip
        vitals(chart, own, height=162.5, weight=81.6 - 5 * share, systolic=round(141 - 15 * share))
        for panel in (single(A1C), CMP, LIPIDS):
            draw(chart, own, panel, _ALICE, share)
        if number % 2 == 0:
            draw(chart, own, CBC, _ALICE, share)
            draw(chart, own, THYROID, _ALICE, share)
        if number in (1, 4, 7, 9):
            draw(chart, own, single(VITAMIN_D), _ALICE, share)
            draw(chart, own, IRON_STORES, _ALICE, share)
        seen.append(own)
    return seen


def _alice_problems(chart: Chart) -> None:
    days = chart.days
    past.condition(chart, "714628002", "Prediabetes", since="2019-03")
    past.condition(chart, "40930008", "Hypothyroidism", "Underactive thyroid", since="2015")
    past.condition(chart, "55822004", "Hyperlipidemia", "High cholesterol", since=days.day(1455))
    past.condition(chart, "59621000", "Essential hypertension", "High blood pressure", onset={"onsetAge": {
        "value": 51, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}})  # fmt: skip
    past.condition(chart, "87522002", "Iron deficiency anemia", "Low iron", clinical="resolved",
                   since=days.month(1440), abated=days.month(700))  # fmt: skip
    past.condition(chart, "61582004", "Allergic rhinitis", "Hay fever", onset={"onsetString": "since childhood"})
    past.condition(chart, "44054006", "Diabetes mellitus type 2", verified="entered-in-error")
    past.condition(chart, "73211009", "Diabetes mellitus", verified="refuted", clinical="inactive")
    past.allergy(
        chart, past.PENICILLIN, "medication", past.HIVES, severity="moderate", criticality="high", onset="1988"
    )
    past.allergy(chart, past.LATEX, "environment", past.RASH)
    past.allergy(chart, past.SULFA, "medication", verified="entered-in-error")
    past.allergy(chart, past.PEANUT, "food", verified="unconfirmed")


def _alice_medicines(chart: Chart) -> None:
    prescription(chart, "levothyroxine", ago=1450, who="thyroid", because="Underactive thyroid")
    prescription(chart, "atorvastatin", ago=1440, because="High cholesterol", as_resource="own")
    prescription(chart, "lisinopril", ago=900, because="High blood pressure", as_resource="contained")
    prescription(chart, "metformin", ago=5, because="Prediabetes", refills=5)
    prescription(chart, "iron", ago=1430, state="completed", because="Low iron")
    prescription(chart, "omeprazole", ago=600, state="stopped")
    prescription(chart, "sertraline", ago=400, state="on-hold")
    prescription(chart, "gabapentin", ago=399, state="entered-in-error")
    chart.add("MedicationStatement", {
        "status": "active",
        "medicationCodeableConcept": {"text": "Fish oil 1000 mg"},
        "subject": chart.subject,
        "effectivePeriod": {"start": "2021"},
        "informationSource": chart.subject,
        "dosage": [{"text": "1 capsule a day"}],
    })  # fmt: skip


def _alice_care(chart: Chart) -> None:
    days = chart.days
    for name, ago, dose in (("flu", 40, None), ("flu", 402, None), ("flu", 770, None), ("covid", 41, None),
                            ("tdap", 1900, None), ("shingles", 1100, 1), ("shingles", 960, 2)):  # fmt: skip
        past.vaccine(chart, name, ago, dose=dose)
    past.vaccine(chart, "mmr", 0, when={"occurrenceString": "as a child"})
    past.vaccine(chart, "hepb", 0, when={"occurrenceDateTime": "1998-09"})
    past.vaccine(chart, "pneumo", 95, given=False)
    past.procedure(chart, "73761001", "Colonoscopy", when={"performedDateTime": days.at(820, "07:50")})
    past.procedure(chart, "80146002", "Appendectomy", "Appendix taken out", when={"performedDateTime": "1994"})
    past.procedure(
        chart, "24623002", "Screening mammography", "Breast X-ray", when={"performedDateTime": days.day(210)}
    )
    past.procedure(chart, "71651007", "Mammography", state="not-done", when={"performedDateTime": days.month(580)})
    care_team(chart, [("family", "Primary care doctor"), ("heart", "Heart doctor"), ("thyroid", "Hormone doctor"),
                      ("nurse", "Care nurse")], "Alice's care team")  # fmt: skip
    coverage(chart)
    plan_and_goal(chart, "Hemoglobin A1c below 5.7%", 5.7, "%")
    device(chart, "14106009", "Cardiac pacemaker")


def _alice_visits(chart: Chart, seen: list[Visit]) -> None:
    infection = visit(
        chart, 128, "emergency", reason="Pain when passing urine", room="emergency", clock="19:05", minutes=150
    )
    urinalysis(chart, infection, protein=TRACE, cells="5-10")
    culture(chart, infection)
    past.condition(chart, "68566005", "Urinary tract infection", visit=infection, clinical="resolved",
                   since=chart.days.day(129), abated=chart.days.day(118))  # fmt: skip
    scan = visit(chart, 300, "office", reason="Cough for 3 weeks", who="family", room="imaging")
    imaging(
        chart,
        scan,
        "36643-5",
        "XR Chest 2 Views",
        "Chest X-ray",
        "DX",
        "Clear lungs. The heart has a normal size.",
        "No consolidation or effusion. Heart size within normal limits.",
    )
    visit(chart, 60, "video", reason="Medicine questions", who="nurse", minutes=20)
    visit(chart, 31, "office", reason="Flu-like illness", status="cancelled")
    text_summary(chart, seen[-1], "Visit summary: blood tests", [
        "Your A1c is 5.9%, a little above the usual range.", "Blood pressure < 130/80 & falling: well done.",
        "We talk about it at your heart check-up."])  # fmt: skip
    text_summary(
        chart, infection, "Emergency visit", ["Urinary tract infection.", "Take nitrofurantoin for 5 days."], apart=True
    )
    html_summary(chart, scan, "Visit summary: chest X-ray", ["Your lungs are clear.", "Call us if the cough stays."])
    pdf_summary(chart, seen[-2], "Letter about your cholesterol", ["Your LDL cholesterol fell from 162 to 96."])
    pdf_summary(
        chart, seen[2], "Letter about your iron", ["Your iron is still low. Keep taking the tablets."], apart=False
    )
    document(chart, seen[3], "consult", "Draft", b"Not for use", "text/plain", state="entered-in-error")
    both = {"attachment": {"contentType": "text/plain", "title": "As text", "data": "WW91ciBsYWJzIGFyZSBmaW5lLg=="}}
    document(chart, seen[5], "summary", "Two formats", pdf(["Your labs are fine."]), "application/pdf", extra=[both])


def rich_adult(chart: Chart) -> None:
    """Alice, 58: prediabetes on the rise, a treated thyroid, cholesterol that falls, and all the oddities."""
    seen = _alice_labs(chart)
    _alice_problems(chart)
    _alice_medicines(chart)
    _alice_care(chart)
    _alice_visits(chart, seen)
    smoking(chart, seen[-1], "266919005", "Never smoked tobacco")
    draw(chart, seen[-2], single(B12), _ALICE)
    all_of_them(chart, seen[-3], seen[-1])
    appointment(
        chart,
        2,
        "10:30",
        "Heart check-up",
        who="heart",
        room="heart",
        bring="Your medicines and insurance card.",
        comment="Please arrive by 10:15 am",
    )
    appointment(chart, 23, "09:00", "Blood sugar check", who="nurse")
    appointment(chart, 95, "13:20", "Thyroid check", who="thyroid", room=None, comment="Video visit")
    appointment(chart, 15, "08:10", "Eye check", who="family", status="cancelled")
    appointment(chart, 40, "11:00", "Dietitian", who="nurse", status="pending")
    appointment(chart, -95, "08:30", "Blood sugar and cholesterol", who="family", status="fulfilled")
    appointment(chart, -31, "14:00", "Flu-like illness", who="family", status="cancelled")


_EVE = Course({
    "4548-4": (9.4, 7.3), "2345-7": (214, 138), "3016-3": (2.9, 3.4), "31017-7": (1.4, 2.2), "9318-7": (7, 16),
    "1989-3": (22, 36), "13457-7": (108, 97), "2276-4": (19, 31),
})  # fmt: skip


def rich_teen(chart: Chart) -> None:
    """Eve, 17: type 1 diabetes, seen every three months, with a pump since last year."""
    agos = [1440 - 90 * step for step in range(16)] + [8]
    seen = []
    for number, ago in enumerate(agos):
        share = number / (len(agos) - 1)
        own = check(chart, ago, "Type 1 diabetes", kind="follow", who="diabetes", room="diabetes")
        draw(chart, own, single(A1C), _EVE, share)
        if number % 2 == 0:
            draw(chart, own, BMP, _EVE, share)
        if number % 4 == 0:
            for panel in (LIPIDS, CBC, single(TSH), single(TTG), single(UACR), single(VITAMIN_D), single(FERRITIN)):
                draw(chart, own, panel, _EVE, share)
            urinalysis(chart, own)
        seen.append(own)
    _eve_history(chart, seen)
    all_of_them(chart, seen[-2], seen[-1])
    appointment(
        chart,
        2,
        "15:45",
        "Diabetes check",
        who="diabetes",
        room="diabetes",
        bring="Your glucose meter and your logbook.",
        comment="Please arrive by 3:30 pm",
    )
    appointment(chart, 92, "15:45", "Diabetes check", who="diabetes", room="diabetes")
    appointment(chart, -90, "15:45", "Diabetes check", who="diabetes", room="diabetes", status="fulfilled")


def _eve_history(chart: Chart, seen: list[Visit]) -> None:
    days = chart.days
    past.condition(chart, "46635009", "Diabetes mellitus type 1", "Type 1 diabetes", since=days.month(1500))
    past.condition(chart, "61582004", "Allergic rhinitis", "Hay fever", onset={"onsetString": "since primary school"})
    past.condition(chart, "62106007", "Concussion with no loss of consciousness", "Concussion", clinical="resolved",
                   since=days.day(420), abated=days.day(405))  # fmt: skip
    past.allergy(chart, past.PENICILLIN, "medication", past.RASH)
    past.allergy(chart, past.PEANUT, "food", past.HIVES, severity="moderate")
    prescription(chart, "glargine", ago=1435, who="diabetes", because="Type 1 diabetes", as_resource="contained")
    prescription(chart, "loratadine", ago=220, because="Hay fever")
    prescription(chart, "ibuprofen", ago=420, state="completed", because="Concussion")
    childhood_vaccines(chart)
    past.vaccine(chart, "flu", 45)
    past.procedure(chart, "386472008", "Insertion of insulin pump", "Insulin pump", visit=seen[-5], who="diabetes",
                   when={"performedDateTime": days.at(365, "10:00")})  # fmt: skip
    care_team(
        chart,
        [("diabetes", "Diabetes doctor"), ("family", "Pediatrician"), ("nurse", "Diabetes nurse")],
        "Diabetes team",
    )
    coverage(chart)
    plan_and_goal(chart, "Hemoglobin A1c below 7%", 7, "%")
    device(chart, "69805005", "Insulin pump")
    relative(chart, ("Nora", "Lindqvist"), ("MTH", "mother"), "(202) 555-0163")
    fall = visit(
        chart, 420, "emergency", reason="Hit the head in handball", room="emergency", clock="18:20", minutes=200
    )
    imaging(chart, fall, "24725-4", "CT Head", "Head scan", "CT", "No bleeding. No fracture.", "Normal brain for age.")
    text_summary(chart, fall, "Emergency visit", ["Concussion.", "Rest for two days. No sport for two weeks."])
    text_summary(
        chart, seen[-1], "Visit summary: diabetes check", ["A1c is 7.3%.", "Raise the night basal rate by 5%."]
    )
    pdf_summary(chart, seen[-2], "Letter for school", ["Eve may check her glucose and eat in class."])
    html_summary(chart, seen[-3], "Pump training", ["Change the set every 3 days.", "Keep fast sugar with you."])

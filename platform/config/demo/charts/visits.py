"""Visits that were (Encounter) and visits that are planned (Appointment)."""

from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import HL7, SNOMED, Json, concept, reference

_CLASSES = {"AMB": "ambulatory", "EMER": "emergency", "IMP": "inpatient encounter", "VR": "virtual"}
_TYPES = {
    "office": ("AMB", "185349003", "Encounter for check up", "Office visit"),
    "follow": ("AMB", "390906007", "Follow-up encounter", "Follow-up visit"),
    "wellness": ("AMB", "410620009", "Well child visit", "Well child visit"),
    "lab": ("AMB", "185349003", "Encounter for check up", "Lab visit"),
    "emergency": ("EMER", "50849002", "Emergency room admission", "Emergency room visit"),
    "stay": ("IMP", "32485007", "Hospital admission", "Hospital stay"),
    "video": ("VR", "448337001", "Telemedicine consultation with patient", "Video visit"),
}


def visit(chart: Chart, ago: int, kind: str = "office", *, reason: str = "", who: str = "family", room: str = "clinic",
          clock: str | None = None, minutes: int = 40, status: str = "finished") -> Visit:  # fmt: skip
    """A visit that took place. `minutes` is its length; a hospital stay counts in thousands."""
    days_ago = chart.days.working_day_ago(ago) if kind not in {"emergency", "stay"} else ago
    start = clock or f"{chart.rng.randint(8, 15):02d}:{chart.rng.choice((0, 15, 30, 45)):02d}"
    act, code, display, text = _TYPES[kind]
    stay: Json = {"hospitalization": {"dischargeDisposition": concept(
        HL7 + "discharge-disposition", "home", "Home")}} if kind == "stay" else {}  # fmt: skip
    where = {} if kind == "video" else {"location": [{"location": chart.places.room(room)}]}
    target = chart.add("Encounter", {
        "status": status,
        "class": {"system": HL7 + "v3-ActCode", "code": act, "display": _CLASSES[act]},
        "type": [concept(SNOMED, code, display, text)],
        "subject": chart.subject,
        "participant": [{
            "type": [concept(HL7 + "v3-ParticipationType", "PPRF", "primary performer")],
            "individual": chart.places.clinician(who),
        }],
        "period": {"start": chart.days.at(days_ago, start), "end": chart.days.at(days_ago, start, minutes)},
        **({"reasonCode": [{"text": reason}]} if reason else {}),
        **stay,
        **where,
        "serviceProvider": reference(chart.places.organization),
    }, "us-core-encounter")  # fmt: skip
    return Visit(target, days_ago, start, who)


def appointment(chart: Chart, ahead: int, clock: str, what: str, *, who: str, room: str | None = "clinic",
                status: str = "booked", minutes: int = 30, bring: str = "", comment: str = "") -> str:  # fmt: skip
    """A planned visit, `ahead` working days from now; a negative number is one that lies behind."""
    ago = chart.days.working_day(ahead) if ahead >= 0 else chart.days.working_day_ago(-ahead)
    actors = [(chart.subject, "accepted"), (chart.places.clinician(who), "accepted")]
    if room:
        actors.append((chart.places.room(room), "accepted"))
    cancelled: Json = {"cancelationReason": concept(HL7 + "appointment-cancellation-reason", "pat", "Patient")}
    return chart.add("Appointment", {
        "status": status,
        **(cancelled if status == "cancelled" else {}),
        "serviceType": [{"text": what}],
        "appointmentType": concept(HL7 + "v2-0276", "ROUTINE", "Routine appointment"),
        "description": what,
        "start": chart.days.at(ago, clock),
        "end": chart.days.at(ago, clock, minutes),
        "minutesDuration": minutes,
        "created": chart.days.at(max(ago, 0) + 20, "11:05"),
        **({"comment": comment} if comment else {}),
        **({"patientInstruction": bring} if bring else {}),
        "participant": [{"actor": actor, "status": answer} for actor, answer in actors],
    })  # fmt: skip

"""What surrounds a chart: the care team, insurance, plans, devices and the people behind the patient."""

from config.demo.charts.chart import Chart
from config.demo.charts.coding import HL7, SNOMED, concept, quantity, reference


def care_team(chart: Chart, members: list[tuple[str, str]], name: str = "Care team") -> str:
    """`members` are pairs of a clinician's key and the role in the team."""
    return chart.add("CareTeam", {
        "status": "active",
        "name": name,
        "subject": chart.subject,
        "period": {"start": chart.days.day(900)},
        "participant": [{"role": [{"text": "Patient"}], "member": chart.subject}] + [
            {"role": [{"text": role}], "member": chart.places.clinician(key)} for key, role in members
        ],
        "managingOrganization": [reference(chart.places.organization)],
    }, "us-core-careteam")  # fmt: skip


def coverage(chart: Chart) -> str:
    return chart.add("Coverage", {
        "status": "active",
        "subscriberId": f"W{chart.rng.randint(10**8, 10**9 - 1)}",
        "beneficiary": chart.subject,
        "relationship": concept(HL7 + "subscriber-relationship", "self", "Self"),
        "period": {"start": chart.days.year(400)},
        "payor": [{"display": "Blue Harbor Health Plan"}],
    }, "us-core-coverage")  # fmt: skip


def plan_and_goal(chart: Chart, goal: str, target: float, unit: str) -> None:
    aim = chart.add("Goal", {
        "lifecycleStatus": "active",
        "description": {"text": goal},
        "subject": chart.subject,
        "startDate": chart.days.day(200),
        "target": [{"detailQuantity": quantity(target, unit), "dueDate": chart.days.day(-120)}],
    }, "us-core-goal")  # fmt: skip
    chart.add("CarePlan", {
        "status": "active",
        "intent": "plan",
        "category": [concept("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan",
                             "Assessment and Plan of Treatment")],
        "title": "Plan made together",
        "description": "Walk 30 minutes on 5 days a week. Eat less sugar. Test again in 3 months.",
        "subject": chart.subject,
        "period": {"start": chart.days.day(200)},
        "goal": [reference(aim)],
    }, "us-core-careplan")  # fmt: skip


def device(chart: Chart, snomed: str, display: str) -> str:
    return chart.add("Device", {
        "status": "active",
        "type": concept(SNOMED, snomed, display),
        "udiCarrier": [{"deviceIdentifier": f"0{chart.rng.randint(10**12, 10**13 - 1)}"}],
        "serialNumber": f"SN{chart.rng.randint(10**6, 10**7 - 1)}",
        "patient": chart.subject,
    }, "us-core-implantable-device")  # fmt: skip


def relative(chart: Chart, name: tuple[str, str], relation: tuple[str, str], phone: str) -> str:
    given, family = name
    return chart.add("RelatedPerson", {
        "active": True,
        "patient": chart.subject,
        "relationship": [concept(HL7 + "v3-RoleCode", *relation)],
        "name": [{"family": family, "given": [given]}],
        "telecom": [{"system": "phone", "value": phone, "use": "mobile"}],
    }, "us-core-relatedperson")  # fmt: skip

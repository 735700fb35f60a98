"""Everything one hospital's EHR holds, in an order in which each resource comes after what it points at."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from config.demo.charts.around import relative
from config.demo.charts.chart import Chart, Places
from config.demo.charts.coding import HL7, SITE, US_CORE, Json, reference
from config.demo.charts.days import Days
from config.demo.charts.places import HOSPITALS, places_of
from config.demo.charts.roster import ROSTERS, Person

_LANGUAGES = {"en": "English", "es": "Spanish", "ar": "Arabic", "zh": "Chinese", "vi": "Vietnamese", "ko": "Korean"}


def patient_id(number: int) -> str:
    """Of the patient with this place in the roster, counted from one."""
    return f"p{1000 + number}"


def _birth(days: Days, person: Person, rng: Random) -> str:
    """A date at which the person is as old as the roster says: some weeks to 11 months past the last birthday."""
    since = rng.randint(40, 330) if person.age else 20
    born = days.today - timedelta(days=round(person.age * 365.25) + since)
    return {"year": f"{born:%Y}", "month": f"{born:%Y-%m}"}.get(person.more.get("birth", ""), born.isoformat())


def _names(person: Person) -> list[Json]:
    """The official name first, as one text where the family name leads; then the others."""
    text = {"text": person.more["text"]} if "text" in person.more else {}
    official = {"use": "official", **text, "family": person.family, "given": person.given.split()}
    return [official, *person.more.get("names", [])]


def _patient(places: Places, days: Days, number: int, person: Person, rng: Random) -> Json:
    home = HOSPITALS[places.slug].address
    replaced = person.more.get("replaced_by")
    link = [{"other": reference(f"Patient/{patient_id(replaced)}"), "type": "replaced-by"}] if replaced else None
    language = {"coding": [{"system": "urn:ietf:bcp:47", "code": person.language}],
                "text": _LANGUAGES.get(person.language, person.language)}  # fmt: skip
    return {
        "resourceType": "Patient",
        "id": patient_id(number),
        "meta": {
            "profile": [US_CORE + "us-core-patient"],
            "security": [{"system": HL7 + "v3-ActReason", "code": "HTEST", "display": "test health data"}],
        },
        "identifier": [
            {
                "use": "usual",
                "type": {"coding": [{"system": HL7 + "v2-0203", "code": "MR", "display": "Medical record number"}]},
                "system": SITE + places.slug + "/mrn",
                "value": f"{'M' if places.slug == 'mercy' else 'R'}{700000 + number * 37}",
            }
        ],
        "active": not replaced,
        "name": _names(person),
        "telecom": [{"system": "phone", "value": f"(202) 555-{rng.randint(100, 199):04d}", "use": "mobile"}],
        "gender": person.sex,
        "birthDate": _birth(days, person, rng),
        **({"deceasedDateTime": days.at(33, "04:10")} if person.more.get("deceased") else {}),
        "address": [
            {**home, "use": "home", "line": [f"{rng.randint(2, 980)} {rng.choice(('Elm', 'Oak', 'Lake'))} Street"]}
        ],
        "communication": [{"language": language, "preferred": True}],
        "generalPractitioner": [places.clinician("family")],
        "managingOrganization": reference(places.organization),
        **({"link": link} if link else {}),
    }


def patient_resources(places: Places, days: Days, number: int, person: Person) -> list[Json]:
    """One patient and the chart. The seed is the place in the roster: a new patient at the end changes no other."""
    rng = Random(f"{places.slug}/{number}")  # noqa: S311  (invented data, the same on each machine)
    chart = Chart(places, days, patient_id(number), person.sex, person.age, rng)
    demographics = _patient(places, days, number, person, rng)
    person.story(chart)
    if parent := person.more.get("parent"):
        given, family, *role = parent
        relative(chart, (given, family), (role[0], role[1]), "(202) 555-0131")
    return [demographics, *chart.resources]


def hospital_resources(slug: str, day: date) -> list[Json]:
    """All resources of `mercy` or `riverside`, dated from `day`."""
    hospital = HOSPITALS[slug]
    places, resources = places_of(hospital)
    days = Days(day, hospital.time_zone)
    for number, person in enumerate(ROSTERS[slug], 1):
        resources += patient_resources(places, days, number, person)
    return resources


def as_transaction(resources: Iterable[Json]) -> Json:
    """A transaction Bundle that puts each resource under its own id."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(_entries(resources))}


def _entries(resources: Iterable[Json]) -> Iterator[Json]:
    for resource in resources:
        where = f"{resource['resourceType']}/{resource['id']}"
        yield {"fullUrl": SITE + where, "resource": resource, "request": {"method": "PUT", "url": where}}

"""The databases of `pages` and `fleet`: five hospitals and two hundred, one with rich charts, the others blank."""

from __future__ import annotations

from config.bench import charts
from config.bench.databases import PREPARED, kept, prepared, use
from config.bench.progress import say
from config.bench.visitors import Visitor, add_visitor, visitor
from foundation import clock
from foundation.tenancy import HospitalRecord
from tenants.actions import create_hospital, delete_hospital
from tenants.queries import all_hospitals, hospital_by_slug

FEW, MANY = 5, 200
PATIENTS = 25


def ground(hospitals: int) -> str:
    """The database with so many hospitals. Slugs carry the number: both databases share the broker's memory."""
    prepared()
    return kept(f"{PREPARED}_{hospitals}", PREPARED, lambda: _fill(hospitals))


def rich_visitor(hospitals: int) -> Visitor:
    """A session of the patient with the rich chart, in a hospital of 25 patients."""
    use(ground(hospitals))
    return visitor(_rich_hospital(hospitals))


def all_visitors(hospitals: int) -> list[Visitor]:
    """A session at each hospital."""
    use(ground(hospitals))
    return [visitor(hospital) for hospital in all_hospitals()]


def _fill(hospitals: int) -> None:
    for number in range(2, hospitals + 1):
        if number % 25 == 0:
            say(f"{number} of {hospitals} hospitals")
        made = create_hospital(by=charts.BY, slug=f"b{hospitals}-{number:03}", name=f"Hospital {number}")
        add_visitor(made, charts.RICH_PATIENT)


def _rich_hospital(hospitals: int) -> HospitalRecord:
    """The first hospital. The charts' dates count from the day they were made, so it is made anew on another day."""
    slug, today = f"b{hospitals}-001", clock.now().date()
    found = hospital_by_slug(slug)
    if found is not None and found.name == _name(today.isoformat()):
        return found
    if found is not None:
        delete_hospital(by=charts.BY, slug=slug, confirmed_slug=slug).unlink()
    say(f"synchronising {PATIENTS} patients into {slug}")
    made = create_hospital(by=charts.BY, slug=slug, name=_name(today.isoformat()))
    charts.offered(charts.written(today, PATIENTS))
    charts.synchronised(made)
    add_visitor(made, charts.RICH_PATIENT)
    return made


def _name(day: str) -> str:
    return f"Hospital of {day}"

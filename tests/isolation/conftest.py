"""Two hospitals that could not be more alike: the same chart under the same primary keys, told apart by a canary."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile

from config.demo.charts.bundles import patient_resources
from config.demo.charts.days import Days
from config.demo.charts.places import HOSPITALS, places_of
from config.demo.charts.roster import ROSTERS
from foundation import clock
from foundation.audit import Actor
from foundation.storage import hospital_files
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.accounts.models import User
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection
from portal.ehr.sync import synchronise
from portal.personal.models import DataCopy, DataRequest
from tenants.queries import hospital_by_slug
from tests.people import make_person

BY = Actor.command("tests")
SPOKEN = frozenset({"text", "display", "title", "family", "conclusion", "description", "name"})
EXTRA = "only-here"
COPY = "copies/twin.zip"


@dataclass(frozen=True)
class Twin:
    """One of the two: its hospital, its patient, who may open the record, and the word that gives it away."""

    hospital: HospitalRecord
    user: User
    patient: Patient
    canary: str


def marked(value: Any, canary: str, key: str = "") -> Any:
    """A resource in which everything that a page may show carries the canary."""
    if isinstance(value, dict):
        return {k: marked(v, canary, k) for k, v in value.items()}
    if isinstance(value, list):
        return [marked(v, canary, key) for v in value]
    return f"{value} {canary}" if key in SPOKEN and isinstance(value, str) else value


class Counted:
    """Stands for `os` and `time` in foundation.clock: ids come out in the same order in both hospitals."""

    def __init__(self) -> None:
        self.count = itertools.count(1)

    def urandom(self, size: int) -> bytes:
        return next(self.count).to_bytes(size)

    def time_ns(self) -> int:
        return 1_760_000_000_000_000_000


def address_of_ehr(hospital: HospitalRecord) -> str:
    return f"memory://twin-{hospital.slug}"


def canary_of(hospital: HospitalRecord) -> str:
    return f"CANARY-{hospital.slug.upper()}"


@cache
def chart(canary: str) -> list[dict[str, Any]]:
    """The rich chart, marked."""
    places, shared = places_of(HOSPITALS["mercy"])
    days = Days(date(2026, 3, 2), HOSPITALS["mercy"].time_zone)
    return [marked(r, canary) for r in [*shared, *patient_resources(places, days, 1, ROSTERS["mercy"][0])]]


def offer_chart(hospital: HospitalRecord) -> None:
    """The hospital's EHR, in memory, holds its chart and nothing else."""
    MemoryEHR.forget(address_of_ehr(hospital))
    MemoryEHR.at(address_of_ehr(hospital)).put_all(chart(canary_of(hospital)))


def make_twin(hospital: HospitalRecord) -> None:
    """Fills a hospital, with ids that come out in the same order as in the other one."""
    canary, counted = canary_of(hospital), Counted()
    offer_chart(hospital)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "os", counted)
        patch.setattr(clock, "time", counted)
        with inside(hospital):
            Connection.objects.create(kind="memory", base_url=address_of_ehr(hospital))
            report = synchronise(by=BY, full=True)
            assert report.run.state == "done"
            patient = Patient.objects.get()
        user = make_person(hospital, "alice", patient=patient)
        with inside(hospital):
            DataRequest.objects.create(kind="correct", user=user, patient_id=patient.pk, words=canary, answer=canary)
            DataCopy.objects.create(user=user, patient=patient, state="ready", file_key=COPY, size=len(canary))


def make_twins() -> None:
    """Once for each worker, in a database of its own: `tests.conftest.twin_ground`."""
    for slug in ("mercy", "riverside"):
        hospital = hospital_by_slug(slug)
        assert hospital is not None
        make_twin(hospital)


@pytest.fixture
def twins(mercy: HospitalRecord, riverside: HospitalRecord, on_commit_now: None) -> Iterator[tuple[Twin, Twin]]:
    """mercy's and riverside's: the same username, the same keys, other words."""
    here, there = _found(mercy), _found(riverside)
    assert here.patient.pk == there.patient.pk
    assert here.user.pk == there.user.pk
    yield here, there
    for twin in (here, there):
        MemoryEHR.forget(address_of_ehr(twin.hospital))


def _found(hospital: HospitalRecord) -> Twin:
    """The twin in its database. What lies beside the database, a test may have taken away: it is put back."""
    canary = canary_of(hospital)
    offer_chart(hospital)
    with inside(hospital):
        files = hospital_files()
        files.delete(COPY)
        files.save(COPY, ContentFile(canary.encode()))
        return Twin(hospital, User.objects.get(username="alice"), Patient.objects.get(), canary)


def keys_of(hospital: HospitalRecord) -> dict[str, UUID]:
    """One primary key of each table of the hospital that has rows with such keys."""
    from django.apps import apps

    found: dict[str, UUID] = {}
    with inside(hospital):
        for label in ("access", "accounts", "ehr", "records", "personal", "themes"):
            for model in apps.get_app_config(label).get_models():
                first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
                if isinstance(first, UUID):
                    found[model._meta.label] = first
    return found

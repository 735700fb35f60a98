"""Alice, whose record is looked at; the staff who look; Priya, the privacy officer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from lxml import html

from foundation.audit import Actor, Where, open_trail, record
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.accounts.models import User

BY = Actor.command("tests")
type People = Callable[..., User]
type Browsers = Callable[..., Client]


def parts(page: str, path: str) -> list[Any]:
    """Elements of a page, by XPath."""
    found: Any = html.fromstring(page).xpath(path)
    return list(found)


def said(part: Any) -> str:
    """The text of an element, its parts apart from each other."""
    return " ".join(" ".join(part.itertext()).split())


def streamed(answer: Any) -> Iterator[bytes]:
    """The parts of an answer that is written as it is read."""
    return iter(answer.streaming_content)


def actor_of(user: User) -> Actor:
    return Actor("person", user.pk, user.name, user.roles[0])


def look(
    hospital: HospitalRecord,
    by: Actor,
    patient_id: UUID | None,
    kind: str = "result.read",
    *,
    at: datetime | None = None,
    where: Where | None = None,
    **more: Any,
) -> None:
    """One event, at that moment if one is given."""
    with inside(hospital), open_trail(where or Where("req-1", "203.0.113.7", "Mozilla/5.0 (Windows) Firefox/140.0")):
        if at is None:
            record(kind, by=by, patient_id=patient_id, **more)
        else:
            with time_machine.travel(at, tick=False):
                record(kind, by=by, patient_id=patient_id, **more)


@dataclass
class Ward:
    """A hospital with a patient, a clinician and a privacy officer, each with a browser."""

    hospital: HospitalRecord
    patient: Patient
    alice: User
    chen: User
    priya: User
    her: Client
    officer: Client

    def look(self, by: Actor | None = None, kind: str = "result.read", **more: Any) -> None:
        look(self.hospital, by or actor_of(self.chen), self.patient.pk, kind, **more)


def make_patient(hospital: HospitalRecord, fhir_id: str, name: str, **more: Any) -> Patient:
    with inside(hospital):
        given, _, family = name.partition(" ")
        return Patient.objects.create(fhir_id=fhir_id, name=name, given_name=given, family_name=family, **more)


@pytest.fixture
def ward(mercy: HospitalRecord, person: People, client_for: Browsers) -> Ward:
    patient = make_patient(mercy, "p1001", "Alice Moreno", mrn="M-1001")
    alice = person(mercy, "alice", name="Alice Moreno", patient=patient)
    chen = person(mercy, "chen", name="Dr. Lin Chen", role="clinician")
    priya = person(mercy, "priya", name="Priya Nair", role="privacy_officer")
    return Ward(mercy, patient, alice, chen, priya, client_for(mercy, alice), client_for(mercy, priya))

"""People of a measurement: a hospital with a patient who has signed in and proved the second step."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from portal.access.actions import grant_record
from portal.access.commands import patient_of
from portal.access.queries import granted_patient
from portal.accounts import signin
from portal.accounts.actions import create_person
from portal.accounts.models import User
from portal.accounts.sessions import SessionStore

BY = Actor.command("bench")
USERNAME = "visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose session the cookies carry, where, and whose record they open."""

    host: str
    cookies: str
    user_id: UUID
    patient_id: UUID


def add_visitor(hospital: HospitalRecord, fhir_id: str) -> None:
    """Gives the patient of that id an account; a blank chart where the hospital has not heard of them."""
    with inside(hospital):
        person = create_person(by=BY, username=USERNAME, name="Alice Moreno", roles=["patient"])
        grant_record(by=BY, user=person, patient=patient_of(BY, fhir_id, "Alice Moreno"))


def visitor(hospital: HospitalRecord) -> Visitor:
    """A fresh session of the hospital's visitor."""
    with inside(hospital):
        user = User.objects.get(username=USERNAME)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = signin.BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        signin.prove(session, user)
        session.save()
        patient = granted_patient(user.pk)
        assert patient is not None
        return Visitor(hospital.host, f"{settings.SESSION_COOKIE_NAME}={session.session_key}", user.pk, patient.id)

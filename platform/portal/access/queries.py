"""Who is asking, and whose record they may open. Every gate answers NotFound for absent and for forbidden alike."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import orjson
from django.db import connection
from django.http import HttpRequest

from foundation.audit import Actor
from foundation.errors import NotFound
from foundation.permissions import ANONYMOUS, PatientRef, Viewer
from foundation.tenancy import PUBLIC, current_schema
from portal.access.models import OPEN_RECORD, Patient
from portal.accounts import signin
from portal.accounts.models import Role, User
from portal.accounts.models.people import VENDOR_ROLES


def viewer_for(request: HttpRequest) -> Viewer:
    """Who is behind this request. One statement for session, person and a patient's grant."""
    user = signin.person(request)
    if user is None:
        return ANONYMOUS
    return viewer_of_person(user, verified=signin.is_proved(request.session, user))


def viewer_of_person(user: User, *, verified: bool) -> Viewer:
    """The same, for a person in hand: a task that does what they asked for."""
    roles = roles_here(user)
    opens = verified and user.is_active and Role.PATIENT.value in roles
    patient = None
    if opens:
        patient = _granted_beside(user.beside[BESIDE]) if BESIDE in user.beside else granted_patient(user.pk)
    return Viewer(
        user_id=user.pk,
        actor=Actor("person", user.pk, user.name, user.roles[0] if user.roles else ""),
        roles=roles,
        verified=verified,
        language=user.language,
        patient=patient,
        extra={"name": user.name, "given_name": user.given_name, "appearance": user.appearance},
    )


def roles_here(user: User) -> frozenset[str]:
    """The vendor's roles count in `public` only, a hospital's only in a hospital, whatever a row says."""
    in_public = current_schema() == PUBLIC.schema_name
    return frozenset(role for role in user.role_names if (role in VENDOR_ROLES) is in_public)


# Written out: each request of a patient asks this, and to make the text takes longer than to answer it.
GRANTED = f"""
    SELECT patient.id, patient.name, patient.given_name, patient.birth_date
      FROM access_patientuserobjectpermission AS given
      JOIN access_patient AS patient ON patient.id = given.content_object_id AND patient.merged_into_id IS NULL
      JOIN auth_permission AS held ON held.id = given.permission_id AND held.codename = '{OPEN_RECORD}'
     WHERE given.user_id = {{person}} ORDER BY given.created_at LIMIT 1
"""  # noqa: S608  (a constant of ours)
BESIDE = "grant"
GRANTED_BESIDE = (
    "(SELECT json_build_array(id, name, given_name, birth_date)::text "  # noqa: S608  (names of ours, values as parameters)
    f"FROM ({GRANTED.format(person='person.id')}) AS granted)"
)


def granted_patient(user_id: UUID) -> PatientRef | None:
    """The patient on whom this person holds a grant; the oldest grant where there are more."""
    with connection.cursor() as cursor:
        cursor.execute(GRANTED.format(person="%s"), [user_id])
        row = cursor.fetchone()
    return PatientRef(*row) if row else None


def _granted_beside(text: str | None) -> PatientRef | None:
    """The same, from what was read with the session."""
    if text is None:
        return None
    patient_id, name, given_name, birth_date = orjson.loads(text)
    return PatientRef(UUID(patient_id), name, given_name, date.fromisoformat(birth_date) if birth_date else None)


def patient_for(viewer: Viewer) -> PatientRef:
    """The gate: the patient whose record this viewer has open. Raises NotFound."""
    if not viewer.verified or viewer.patient is None:
        raise NotFound
    return viewer.patient


def patient_by_fhir_id(fhir_id: str, *, source: UUID | None = None) -> Patient:
    """The patient that a source knows by this id; in any source where none is named. Raises NotFound."""
    found = Patient.objects.filter(fhir_id=fhir_id)
    if source is not None:
        found = found.filter(source=source)
    patient = found.order_by("created_at").first()
    if patient is None:
        raise NotFound
    return patient


def joined_ids(patient_id: UUID) -> tuple[UUID, ...]:
    """The patient's own record, and those that were joined to it."""
    joined = Patient.objects.filter(merged_into_id=patient_id).values_list("id", flat=True)
    return (patient_id, *joined)


def person_facts(patient_id: UUID) -> tuple[str, date | None]:
    """Sex and date of birth of a patient, for reading ranges that depend on them; nothing known of an absent one."""
    return Patient.objects.filter(pk=patient_id).values_list("sex", "birth_date").first() or ("", None)

"""Making patients known, and giving and ending people's grants on them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from guardian.shortcuts import assign_perm

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.errors import Conflict
from portal.access.erased import forget_erased, is_erased
from portal.access.errors import WasErased
from portal.access.models import OPEN_RECORD, Patient, PatientUserObjectPermission
from portal.accounts.models import User


@action(event="patient.registered")
def register_patient(
    *,
    by: Actor,
    fhir_id: str,
    name: str,
    source: UUID | None = None,
    given_name: str = "",
    family_name: str = "",
    birth_date: date | None = None,
    sex: str = Patient.Sex.UNKNOWN,
    mrn: str = "",
    deceased: bool = False,
) -> Patient:
    """Makes the patient known under the source's id, or brings what is known up to date. Rerunnable.

    Raises WasErased for somebody whose data was taken out.
    """
    if is_erased(source, fhir_id):
        raise WasErased
    known = {
        "name": name,
        "given_name": given_name,
        "family_name": family_name,
        "birth_date": birth_date,
        "sex": sex if sex in Patient.Sex.values else Patient.Sex.UNKNOWN,
        "mrn": mrn,
        "deceased": deceased,
    }
    _adopt(fhir_id, source)
    patient, _new = Patient.objects.update_or_create(source=source, fhir_id=fhir_id, defaults=known)
    about(patient_id=patient.id, target=("patient", str(patient.id)))
    return patient


def _adopt(fhir_id: str, source: UUID | None) -> None:
    """A patient who got an account before the first synchronisation has no source yet: this is it."""
    if source is not None and not Patient.objects.filter(source=source, fhir_id=fhir_id).exists():
        Patient.objects.filter(source=None, fhir_id=fhir_id).update(source=source)


@action(event="grant.given")
def grant_record(*, by: Actor, user: User, patient: Patient) -> None:
    """The person may open this patient's record. Raises Conflict for a patient who was merged into another."""
    if patient.merged_into_id is not None:
        raise Conflict(_("This record was joined with another one."))
    assign_perm(f"access.{OPEN_RECORD}", user, patient)
    about(target=("person", str(user.pk)))


@action(event="grant.ended")
def end_grant(*, by: Actor, user: User, patient: Patient) -> None:
    """Holds from the person's next request on: a grant is read with each one."""
    ended = PatientUserObjectPermission.objects.filter(user=user, content_object=patient).delete()[0]
    about(target=("person", str(user.pk)), count=ended)


@action(event="patient.readmitted")
def readmit_patient(*, by: Actor, fhir_id: str, source: UUID | None) -> int:
    """Somebody who had their data erased wants to be back: the next synchronisation may bring them."""
    taken = forget_erased(source, fhir_id)
    about(count=taken)
    return taken

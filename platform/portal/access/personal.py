"""What the patients' tables hold."""

from django.utils.translation import gettext_lazy as _

from foundation.personal import Declaration, Holds, Subject, delete_rows, each_row, hold_nothing, holds
from portal.access.erased import marker
from portal.access.models import Patient, PatientUserObjectPermission


def empty_patient(declared: Declaration, subject: Subject) -> int:
    """Field by field: what the law keeps elsewhere goes on pointing at a row, and the row says nothing."""
    found = declared.rows(subject)
    for patient_id in found.values_list("id", flat=True):
        found.filter(id=patient_id).update(
            source=None, fhir_id=marker(patient_id), name="", given_name="", family_name="", birth_date=None,
            sex=Patient.Sex.UNKNOWN, mrn="", deceased=False,
        )  # fmt: skip
    return found.count()


holds(
    Patient,
    Holds.IDENTITY,
    title=_("Name, birth date and record number"),
    patient="id",
    export=each_row,
    erase=empty_patient,
)
holds(
    PatientUserObjectPermission, Holds.ACCOUNT, title=_("Who may open the record"), patient="content_object_id",
    person="user_id", export=each_row, erase=delete_rows,
)  # fmt: skip
hold_nothing("access.ErasedPatient", what=Holds.TECHNICAL)

"""What the record's tables hold of people."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation.personal import Declaration, Holds, Subject, delete_rows, each_row, holds
from foundation.storage import hospital_files
from portal.records import models


def delete_copies(declared: Declaration, subject: Subject) -> int:
    """The rows now, the files once that is certain. What stays by an accident goes with the next sweep."""
    store = hospital_files()
    for key in declared.rows(subject).exclude(file_key="").values_list("file_key", flat=True):
        transaction.on_commit(partial(store.delete, key))
    return delete_rows(declared, subject)


for model, title in {
    models.Result: _("Results"),
    models.Panel: _("Reports of results"),
    models.Condition: _("Health problems"),
    models.Medication: _("Medicines"),
    models.Allergy: _("Allergies"),
    models.Immunization: _("Vaccines"),
    models.Visit: _("Visits"),
    models.Document: _("Documents"),
    models.Procedure: _("Procedures"),
    models.CareTeamMember: _("Care team"),
    models.OtherItem: _("Other parts of the record"),
}.items():
    holds(model, Holds.HEALTH, title=title, patient="patient_id", export=each_row, erase=delete_rows)

holds(
    models.Opening, Holds.ACCOUNT, title=_("Which results were opened"),
    patient="patient_id", person="user_id", export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.RecordExport, Holds.ACCOUNT, title=_("Copies of the record as PDF"), hidden=("file_key",),
    patient="patient_id", person="user_id", export=each_row, erase=delete_copies,
)  # fmt: skip

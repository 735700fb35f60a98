"""What the mirror's tables hold of people."""

from django.utils.translation import gettext_lazy as _

from foundation.personal import Declaration, Holds, Subject, delete_rows, each_row, hold_nothing, holds
from portal.ehr import models


def delete_notes(declared: Declaration, subject: Subject) -> int:
    """Notes on resources that are the subject's: they name them by number, and go with them."""
    notes = declared.model._default_manager.filter(resource__patient_id__in=subject.patient_ids)
    count = notes.count()
    notes.delete()
    return count


holds(
    models.Resource, Holds.HEALTH, title=_("Your record as the hospital’s system sent it"), patient="patient_id",
    hidden=("content_hash",), export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.ResourceHistory, Holds.HEALTH, title=_("What your record said before it was changed"), patient="patient_id",
    hidden=("content_hash",), export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.PatientProgress, Holds.IDENTITY, title=_("When your record was last read"), patient="patient_id",
    export=each_row, erase=delete_rows,
)  # fmt: skip
holds(models.Unprojected, Holds.TECHNICAL, erase=delete_notes)
hold_nothing("ehr.Connection", "ehr.SyncRun", what=Holds.TECHNICAL)

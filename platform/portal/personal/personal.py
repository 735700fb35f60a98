"""What this app's own tables hold of people."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation.personal import Declaration, Holds, Subject, delete_rows, each_row, emptied, holds
from foundation.storage import hospital_files
from portal.personal.models import DataCopy, DataRequest


def delete_copies(declared: Declaration, subject: Subject) -> int:
    """The rows now, the files once that is certain."""
    store = hospital_files()
    for key in declared.rows(subject).exclude(file_key="").values_list("file_key", flat=True):
        transaction.on_commit(partial(store.delete, key))
    return delete_rows(declared, subject)


holds(
    DataCopy, Holds.ACCOUNT, title=_("Copies of everything"), hidden=("file_key",),
    patient="patient_id", person="user_id", export=each_row, erase=delete_copies,
)  # fmt: skip
# That it was asked and done stays, so that it can be shown; what the person wrote does not.
holds(
    DataRequest, Holds.HEALTH, title=_("Requests about this data"),
    patient="patient_id", person="user_id", export=each_row, erase=emptied(words="", answer=""),
)  # fmt: skip

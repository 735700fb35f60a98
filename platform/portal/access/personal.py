"""What the patients' tables hold."""

from django.utils.translation import gettext_lazy as _

from foundation.personal import Holds, delete_rows, each_row, holds
from portal.access.models import Patient, PatientUserObjectPermission

holds(Patient, Holds.IDENTITY, title=_("Who you are as a patient"), patient="id", export=each_row, erase=delete_rows)
holds(
    PatientUserObjectPermission, Holds.ACCOUNT, title=_("Who may open your record"), patient="content_object_id",
    person="user_id", export=each_row, erase=delete_rows,
)  # fmt: skip

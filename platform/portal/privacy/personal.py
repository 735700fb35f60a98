"""What this app's tables hold of people."""

from django.utils.translation import gettext_lazy as _

from foundation.personal import Holds, Kept, delete_rows, each_row, hold_nothing, holds
from portal.privacy import models

SIX_YEARS = Kept(_("The law asks the hospital to keep this for six years."))

holds(
    models.Question, Holds.ACCOUNT, title=_("Questions about who looked at the record"),
    patient="patient_id", person="asked_by_id", export=each_row, erase=SIX_YEARS,
)  # fmt: skip
holds(
    models.Disclosure, Holds.HEALTH, title=_("What the hospital gave out"),
    patient="patient_id", export=each_row, erase=SIX_YEARS,
)  # fmt: skip
holds(
    models.Flag, Holds.ACCOUNT, title=_("Special watch on the record"),
    patient="patient_id", export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.Finding, Holds.ACCOUNT, title=_("Unusual looks at the record that were reviewed"),
    patient="patient_id", person="person_id", export=each_row, erase=SIX_YEARS,
)  # fmt: skip
hold_nothing("privacy.report", what=Holds.TECHNICAL)

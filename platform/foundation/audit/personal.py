"""What the record of looks holds of people: those who looked, and whose data they looked at."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.audit.models import Alarm, AuditEvent
from foundation.personal import Declaration, Holds, Kept, Subject, each_row, hold_nothing, holds

OF_WHO_LOOKED = frozenset({"actor_id", "address", "agent", "request_id"})
OF_WHOM_IT_IS_ABOUT = frozenset({"patient_id", "on_behalf_of", "target_type", "target_id"})


def who_looked(declared: Declaration, subject: Subject) -> Iterator[Mapping[str, Any]]:
    """Each event about the subject or by them. From where somebody else looked is theirs, and so is whose record the
    subject opened in their work."""
    for row in each_row(declared, subject):
        left_out: frozenset[str] = frozenset()
        if row["actor_id"] is None or row["actor_id"] != subject.user_id:
            left_out |= OF_WHO_LOOKED
        if row["patient_id"] is not None and row["patient_id"] not in subject.patient_ids:
            left_out |= OF_WHOM_IT_IS_ABOUT
        yield {key: value for key, value in row.items() if key not in left_out}


holds(
    AuditEvent, Holds.ACCOUNT, title=_("Who looked at the record, and what this person did here"), patient="patient_id",
    person="actor_id", hidden=("previous_hash", "hash"), export=who_looked,
    erase=Kept(_("The law asks the hospital to keep the record of who looked at what for at least six years.")),
)  # fmt: skip
hold_nothing("audit.AuditHead", "audit.AuditCheckpoint", "audit.AuditVerified")
holds(
    Alarm, Holds.ACCOUNT, title=_("Alarms that were closed"), person="closed_by", export=each_row,
    erase=Kept(_("Who looked at an alarm of the record stays with it, for as long as the record itself.")),
)  # fmt: skip

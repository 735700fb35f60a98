"""What the record of looks holds of people: those who looked, and whose data they looked at."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.audit.models import AuditEvent
from foundation.personal import Declaration, Holds, Kept, Subject, each_row, holds

OF_THE_ONE_WHO_LOOKED = ("address", "agent", "request_id")


def who_looked(declared: Declaration, subject: Subject) -> Iterator[Mapping[str, Any]]:
    """Each event about the subject or by them. From where somebody else looked is theirs, not the subject's."""
    for row in each_row(declared, subject):
        own = row["actor_id"] is not None and row["actor_id"] == subject.user_id
        yield row if own else {key: value for key, value in row.items() if key not in OF_THE_ONE_WHO_LOOKED}


holds(
    AuditEvent, Holds.ACCOUNT, title=_("Who looked at your record, and what you did here"), patient="patient_id",
    person="actor_id", hidden=("previous_hash", "hash"), export=who_looked,
    erase=Kept(_("The law asks the hospital to keep the record of who looked at what for at least six years.")),
)  # fmt: skip

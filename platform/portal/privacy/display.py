"""Events as the officer sees them: a row of a list, and all that is known of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from foundation.audit.queries import Entry
from portal.privacy import words


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list of events."""

    number: int
    at: datetime
    person: str
    role: str
    done: str
    patient_id: UUID | None
    patient: str
    outcome: str
    fine: bool
    address: str


def row_of(entry: Entry, names: Mapping[UUID, str]) -> Row:
    return Row(
        number=entry.id, at=entry.at, person=person_of(entry), role=words.role_words(entry.actor_role),
        done=words.kind_words(entry.kind), patient_id=entry.patient_id,
        patient=names.get(entry.patient_id, "") if entry.patient_id else "",
        outcome=words.outcome_words(entry.outcome), fine=entry.outcome == "success", address=entry.address or "",
    )  # fmt: skip


def person_of(entry: Entry) -> str:
    return entry.actor_name or str(words.ACTOR_KINDS.get(entry.actor_kind, entry.actor_kind))


@dataclass(frozen=True, slots=True)
class Detail:
    """A label, a value, and whether the value is a code or an id that is shown as it is."""

    label: str
    value: str
    code: bool = False


def detail_of(entry: Entry, names: Mapping[UUID, str]) -> list[Detail]:
    """Everything of one event that says something."""
    behalf = names.get(entry.on_behalf_of, str(entry.on_behalf_of)) if entry.on_behalf_of else ""
    thing = " ".join(part for part in (entry.target_type, entry.target_id) if part)
    rows = [
        Detail(_("Kind"), entry.kind, code=True),
        Detail(_("Sort of actor"), str(words.ACTOR_KINDS.get(entry.actor_kind, entry.actor_kind))),
        Detail(_("Id of the person"), str(entry.actor_id or ""), code=True),
        Detail(_("On behalf of"), behalf),
        Detail(_("Object"), thing, code=True),
        Detail(_("Reason"), words.reason_words(entry.reason) or entry.reason),
        Detail(_("How many"), "" if entry.count is None else str(entry.count)),
        Detail(_("Network address"), entry.address or "", code=True),
        Detail(_("Device"), words.device_words(entry.agent) or entry.agent),
        Detail(_("Request"), entry.request_id, code=True),
        Detail(_("Id of the patient"), str(entry.patient_id or ""), code=True),
    ]
    return [row for row in rows if row.value]

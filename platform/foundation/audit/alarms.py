"""Alarms: what somebody must look at, who reads it, and what they should do.

An alarm is a row where we stand, a line of the log and a mail to its readers. Raising one never fails: what cannot be
written is at least said in the log. It names ids and codes, never what a record says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.actions import about, action
from foundation.audit.actor import Actor
from foundation.audit.mail import tell
from foundation.errors import NotFound
from foundation.logs import get_logger
from foundation.registry import Registry
from foundation.tenancy import HospitalRecord, inside_public, standing

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AlarmKind:
    """What happened and what to do, in words for people; and the roles that read it."""

    words: str | Promise
    what_to_do: str | Promise
    readers: frozenset[str]


alarm_kinds: Registry[AlarmKind] = Registry("alarm kinds")
OPERATOR = frozenset({"operator"})
READERS = frozenset({"operator", "privacy_officer"})


def register() -> None:
    """The alarms of the record itself, of clocks and of tasks."""
    for key, kind in {
        "audit.chain_broken": AlarmKind(
            _("The record of who looked at what was changed"),
            _("Keep the database as it is. Run “manage.py audit verify” for the hospital, compare with the last "
              "backup, and find out who had the rights of the database’s owner."), READERS),
        "audit.anchor_failed": AlarmKind(
            _("The record’s signed state could not be put in safe keeping"),
            _("Look whether the store for the anchors can be reached and written. Until then a cut-off end of the "
              "record would not be seen."), READERS),
        "audit.write_failed": AlarmKind(
            _("A look at health data could not be recorded, and was refused"),
            _("Look whether the database can be written to: is it full, or read-only after a failover? Pages with "
              "health data stay shut until then."), READERS),
        "clock.skew": AlarmKind(
            _("The clocks of two machines differ"),
            _("Look at the time service (chrony or ntpd) of the machine named here, and of the database."), OPERATOR),
        "task.forged": AlarmKind(
            _("A background task came without a ticket that can be believed"),
            _("Find out who can write to the broker. If the signing key may be known to somebody, change SECRET_KEY."),
            READERS),
    }.items():  # fmt: skip
        alarm_kinds.register(key, kind)


def raise_alarm(kind: str, *, target: str = "", detail: str = "") -> None:
    """Notes it where we stand (in `public` where we stand nowhere) and tells its readers the first time.

    `target` and `detail` hold ids and codes. One that is open already for this target is counted. Never raises, but for
    a kind that nobody registered.
    """
    known = alarm_kinds.get(kind)
    log.error("alarm", kind=kind, readers=sorted(known.readers), code=target[:120])
    if (place := standing()) is not None:
        _raise(kind, known, place, target[:120], detail[:200])
        return
    try:
        with inside_public() as public:
            _raise(kind, known, public, target[:120], detail[:200])
    except Exception:
        log.exception("alarm.unwritten", kind=kind)


RAISE = """
    INSERT INTO audit_alarm (id, kind, target, detail, count, first_at, last_at, closed_by_name, note)
    VALUES (%s, %s, %s, %s, 1, %s, %s, '', '')
    ON CONFLICT (kind, target) WHERE closed_at IS NULL
    DO UPDATE SET count = audit_alarm.count + 1, last_at = excluded.last_at, detail = excluded.detail
    RETURNING count
"""


def _raise(kind: str, known: AlarmKind, place: HospitalRecord, target: str, detail: str) -> None:
    """Where the row cannot be written (the database is shut), the mail goes out once an hour a process."""
    try:
        moment = clock.now()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(RAISE, [clock.uuid7(), kind, target, detail, moment, moment])
            first = cursor.fetchone()[0] == 1
        if first:
            transaction.on_commit(lambda: tell(kind, known, place, target), robust=True)
    except Exception:
        log.exception("alarm.unwritten", kind=kind)
        tell(kind, known, place, target, seldom=True)


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """One that nobody has closed yet, with the words of its kind."""

    id: UUID
    kind: str
    target: str
    detail: str
    count: int
    first_at: datetime
    last_at: datetime

    @property
    def known(self) -> AlarmKind:
        return alarm_kinds.get(self.kind) if self.kind in alarm_kinds else UNKNOWN

    @property
    def readers(self) -> list[str]:
        return sorted(self.known.readers)


UNKNOWN = AlarmKind(_("An alarm of an older release"), _("Look at the log of that time."), OPERATOR)


def open_alarms() -> list[OpenAlarm]:
    """Of where we stand, newest first."""
    from foundation.audit.models import Alarm

    fields = ("id", "kind", "target", "detail", "count", "first_at", "last_at")
    return [OpenAlarm(*row) for row in Alarm.objects.filter(closed_at=None).order_by("-last_at").values_list(*fields)]


@action(event="alarm.closed")
def close_alarm(*, by: Actor, alarm_id: UUID, note: str) -> None:
    """Somebody has looked at it; their note stays with it. Raises NotFound where it is closed already."""
    from foundation.audit.models import Alarm

    about(target=("alarm", str(alarm_id)))
    closed: dict[str, Any] = {"closed_at": clock.now(), "closed_by": by.id, "closed_by_name": by.name[:150]}
    if not Alarm.objects.filter(id=alarm_id, closed_at=None).update(**closed, note=note.strip()[:500]):
        raise NotFound

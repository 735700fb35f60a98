"""Mail to those who read an alarm: what happened, where, and what to do. Ids and codes alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from foundation.logs import get_logger
from foundation.registry import alarm_readers
from foundation.tenancy import HospitalRecord

if TYPE_CHECKING:
    from foundation.audit.alarms import AlarmKind

log = get_logger(__name__)
SELDOM = 3600.0
_told: dict[tuple[str, str], float] = {}


def tell(kind: str, known: AlarmKind, place: HospitalRecord, target: str, *, seldom: bool = False) -> None:
    """Sends it, and never fails. `seldom`: at most once an hour from this process."""
    if seldom and not _may_tell(kind, place):
        return
    try:
        if to := _readers(known.readers):
            _message(kind, known, place, target, to).send()
    except Exception:
        log.exception("alarm.unsent", kind=kind)


def _may_tell(kind: str, place: HospitalRecord) -> bool:
    key, moment = (place.schema_name, kind), time.monotonic()
    if moment - _told.get(key, -SELDOM) < SELDOM:
        return False
    _told[key] = moment
    return True


def _readers(roles: frozenset[str]) -> list[str]:
    """The addresses in the settings, and of the people here who have one of these roles."""
    found = list(settings.PORTICO_ALARM_MAIL)
    for addresses in alarm_readers.values():
        try:
            found += addresses(roles)
        except Exception:
            log.exception("alarm.readers_unread")
    return sorted(set(found))


def _message(kind: str, known: AlarmKind, place: HospitalRecord, target: str, to: list[str]) -> EmailMessage:
    with override("en"):
        subject = _("Portico alarm: %(words)s") % {"words": known.words}
        lines = [
            f"{known.words}.",
            _("Where: %(name)s") % {"name": place.name},
            _("What: %(kind)s") % {"kind": f"{kind} {target}".strip()},
            _("What to do: %(words)s") % {"words": known.what_to_do},
        ]
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, "\n\n".join(lines) + "\n", settings.DEFAULT_FROM_EMAIL, to, headers=headers)

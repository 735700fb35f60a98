"""The alarms that somebody at the hospital is meant to read."""

from __future__ import annotations

from foundation.audit.alarms import OpenAlarm, open_alarms

HOSPITALS_OWN = frozenset({"privacy_officer", "admin"})


def theirs() -> list[OpenAlarm]:
    return [alarm for alarm in open_alarms() if HOSPITALS_OWN & set(alarm.readers)]


def hospital_alarms() -> int:
    return len(theirs())

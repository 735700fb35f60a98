"""The time, and identifiers that sort by it. Tests freeze it here and nowhere else."""

import os
import time
import uuid
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)


def today(zone: ZoneInfo) -> date:
    """The calendar day in a hospital's zone."""
    return now().astimezone(zone).date()


def uuid7() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)

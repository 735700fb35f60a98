"""What this machine's time service says of its own clock: chrony where it is installed, else nothing.

The kernel's own answer (adjtimex) is asked where there is no chrony: it knows whether any service steers the clock.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import subprocess
from dataclasses import dataclass

STA_UNSYNC = 0x0040
STA_NANO = 0x2000
TRACKING_FIELDS, OFFSET, LEAP = 14, 4, 13


@dataclass(frozen=True, slots=True)
class TimeService:
    """How far the clock is off by its service's own measure, in seconds."""

    source: str
    synchronised: bool
    seconds: float

    @property
    def words(self) -> str:
        return f"{self.seconds:+.3f} s" if self.synchronised else "not synchronised"


def offset_of_time_service() -> TimeService | None:
    """Chrony's word, else that of a kernel that somebody steers; None where nobody can tell (as in a container)."""
    return _chrony() or _kernel()


def _chrony() -> TimeService | None:
    program = shutil.which("chronyc")
    if program is None:
        return None
    try:
        done = subprocess.run([program, "-c", "tracking"], capture_output=True, text=True, timeout=5, check=True)  # noqa: S603  (a program of ours to name, no shell)
    except (OSError, subprocess.SubprocessError):
        return None
    return read_tracking(done.stdout)


def read_tracking(text: str) -> TimeService | None:
    """A line of `chronyc -c tracking`: fourteen fields, the offset and the leap status among them."""
    fields = text.strip().split(",")
    if len(fields) < TRACKING_FIELDS:
        return None
    try:
        return TimeService("chrony", fields[LEAP] != "Not synchronised", float(fields[OFFSET]))
    except ValueError:
        return None


class _Timex(ctypes.Structure):
    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_char * 256),
    ]  # fmt: skip


def _kernel() -> TimeService | None:
    """Linux' adjtimex, asked and not set. A kernel that nobody steers says nothing of how far it is off."""
    try:
        timex = _Timex()
        state = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None
    if state < 0 or timex.status & STA_UNSYNC:
        return None
    return TimeService("kernel", True, timex.offset / (1e9 if timex.status & STA_NANO else 1e6))

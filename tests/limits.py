"""Hostile input is tried in a process of its own, whose processor time and memory the system limits.

Not a clock: on a slow machine a test is slow and right. A reader that hangs or swells is killed, and the test fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN = """
import resource, sys
sys.path[:0] = ['.', 'platform']
import django
django.setup()
used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
resource.setrlimit(resource.RLIMIT_CPU, (int(used) + {seconds}, int(used) + {seconds} + 1))
resource.setrlimit(resource.RLIMIT_AS, ({megabytes} << 20, {megabytes} << 20))
"""


def within(code: str, *, seconds: int = 10, megabytes: int = 2048) -> subprocess.CompletedProcess[str]:
    """What the code printed, and how it ended, with so many seconds of processor time after Django's start."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    command = [sys.executable, "-c", BEGIN.format(seconds=seconds, megabytes=megabytes) + code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

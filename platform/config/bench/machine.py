"""Which machine measured."""

import os
import platform
import re
from pathlib import Path

from django.db import connection

from foundation import clock
from foundation.tenancy import inside_public


def described() -> str:
    with inside_public(), connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = str(cursor.fetchone()[0]).split(" ")[0]
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    return (
        f"{clock.now():%Y-%m-%d}: {_cores()} cores, {_model()}, Python {platform.python_version()}, "
        f"PostgreSQL {postgres} (fsync {fsync})"
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _model() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor() or platform.machine()

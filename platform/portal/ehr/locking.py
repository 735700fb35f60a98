"""One synchronisation at a time for a hospital: an advisory lock that dies with its database connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connection

from foundation.tenancy import current_hospital
from portal.ehr.errors import SyncRuns

POLL_SECONDS = 0.5


@contextmanager
def only_one(wait_seconds: float = 0.0) -> Iterator[None]:
    """Holds the hospital's lock. Raises SyncRuns where another process has it longer than we wait.

    A killed process holds nothing.
    """
    number = int.from_bytes(
        blake2b(f"ehr.sync:{current_hospital().schema_name}".encode(), digest_size=8).digest(), signed=True
    )
    until = time.monotonic() + wait_seconds
    while not _try(number):
        if time.monotonic() >= until:
            raise SyncRuns
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _try(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        row = cursor.fetchone()
    return bool(row and row[0])

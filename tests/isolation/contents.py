"""What a hospital holds, as a fingerprint: whether anything at all was written there, the audit's own rows included."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from foundation.tenancy import HospitalRecord, inside

type Contents = dict[str, tuple[int, str]]


def contents(hospital: HospitalRecord) -> Contents:
    """By table: how many rows, and a digest of all of them; by file: its size and the time of its last change."""
    with inside(hospital), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            " AND table_type = 'BASE TABLE' AND table_name <> 'django_migrations' ORDER BY 1"
        )
        names = [name for (name,) in cursor.fetchall()]
        found: Contents = {}
        for name in names:
            cursor.execute(
                f"SELECT count(*), coalesce(md5(string_agg(one::text, '|' ORDER BY one::text)), '') FROM \"{name}\" one"
            )
            found[name] = cursor.fetchone()
    folder = Path(settings.PORTICO_FILES) / hospital.schema_name
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            found[f"file {file.relative_to(folder)}"] = (file.stat().st_size, str(file.stat().st_mtime_ns))
    return found


def differences(before: Contents, after: Contents) -> list[str]:
    """The tables and files that are not as they were."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

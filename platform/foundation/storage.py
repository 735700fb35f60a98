"""Private files: each hospital's in a folder of its own, under keys nobody can guess (S10, P25)."""

import contextlib
import secrets
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from foundation import clock
from foundation.tenancy import check_schema_name, current_hospital


def hospital_files() -> FileSystemStorage:
    """The store of the hospital in which we stand. It has no URL: files open through a gate."""
    schema = current_hospital().schema_name
    return FileSystemStorage(
        location=Path(settings.PORTICO_FILES) / schema,
        base_url=None,
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


def new_key(folder: str, suffix: str = "") -> str:
    """A name for a new file: 256 random bits."""
    return f"{folder}/{secrets.token_urlsafe(32)}{suffix}"


def sweep(folder: str, *, older_than: timedelta) -> int:
    """Removes files of this folder by their age, in every hospital: suspended ones have no tasks of their own, and a
    file whose row was never written has nobody else. The number of files."""
    edge = (clock.now() - older_than).timestamp()
    swept = 0
    for file in Path(settings.PORTICO_FILES).glob(f"*/{folder}/*"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime <= edge:
                file.unlink()
                swept += 1
    return swept


def forget_files(schema_name: str) -> None:
    """The files of a hospital that was deleted: a later one of the same name must not find them."""
    shutil.rmtree(Path(settings.PORTICO_FILES) / check_schema_name(schema_name), ignore_errors=True)

"""Private files: each hospital's in a folder of its own, under keys nobody can guess (S10, P25)."""

import contextlib
import re
import secrets
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from foundation import clock
from foundation.tenancy import check_schema_name, current_hospital

FOLDER = re.compile(r"^[a-z][a-z0-9-]*\Z")


class PrivateFiles(FileSystemStorage):
    """Files that open through a gate alone."""

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no URL: it opens through a gate.")


def hospital_files() -> PrivateFiles:
    """The store of the hospital in which we stand."""
    schema = current_hospital().schema_name
    return PrivateFiles(
        location=Path(settings.PORTICO_FILES) / schema, file_permissions_mode=0o600, directory_permissions_mode=0o700
    )


def new_key(folder: str, suffix: str = "") -> str:
    """A name for a new file: 256 random bits."""
    return f"{_plain(folder)}/{secrets.token_urlsafe(32)}{suffix}"


def _plain(folder: str) -> str:
    if not FOLDER.match(folder):
        raise ValueError(f"{folder!r} is not the name of a folder of files.")
    return folder


def sweep(folder: str, *, older_than: timedelta) -> int:
    """Removes files of this folder by their age, in every hospital: suspended ones have no tasks of their own, and a
    file whose row was never written has nobody else. The number of files."""
    edge = (clock.now() - older_than).timestamp()
    swept = 0
    for file in Path(settings.PORTICO_FILES).glob(f"*/{_plain(folder)}/*"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime <= edge:
                file.unlink()
                swept += 1
    return swept


def forget_files(schema_name: str) -> None:
    """The files of a hospital that was deleted: a later one of the same name must not find them."""
    shutil.rmtree(Path(settings.PORTICO_FILES) / check_schema_name(schema_name), ignore_errors=True)

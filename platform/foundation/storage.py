"""Private files: each hospital's in a folder of its own, under keys nobody can guess (S10, P25)."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from foundation.tenancy import current_hospital


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

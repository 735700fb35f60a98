"""Each test has a folder of keys of its own, and two sealed columns that belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from foundation.crypto.cache import unwrapped
from foundation.database import as_owner
from foundation.registry import SealedColumn, sealed_columns
from foundation.tenancy import PUBLIC, inside
from tenants.queries import all_hospitals

for name in ("t.c", "t.d", "u.c"):
    sealed_columns.register(name, SealedColumn())


@pytest.fixture(autouse=True)
def key_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "keys"
    settings.PORTICO_KEYS = f"file:{folder}"
    unwrapped.forget_all()
    yield folder
    unwrapped.forget_all()


@pytest.fixture(autouse=True)
def no_keys_yet(request: pytest.FixtureRequest) -> None:
    """What a lasting test of another file left in this worker's database is sealed with keys from another folder."""
    if not {"database", "lasting_database"} & set(request.fixturenames):
        return
    request.getfixturevalue("database" if "database" in request.fixturenames else "lasting_database")
    for where in (PUBLIC, *all_hospitals()):
        with inside(where), as_owner(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM crypto_datakey; DELETE FROM crypto_rootkey")

"""Each test has a folder of keys of its own, and two sealed columns that belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.crypto.cache import unwrapped
from foundation.registry import SealedColumn, sealed_columns

for name in ("t.c", "t.d", "u.c"):
    sealed_columns.register(name, SealedColumn())


@pytest.fixture(autouse=True)
def key_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "keys"
    settings.PORTICO_KEYS = f"file:{folder}"
    unwrapped.forget_all()
    yield folder
    unwrapped.forget_all()

"""Brands are kept in the process by theme hash; a rolled-back test must not leave its own behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from themes.queries import forget_brands

# No test asserts how long something takes, hypothesis neither.
settings.register_profile("portico", deadline=None)
settings.load_profile("portico")


@pytest.fixture(autouse=True)
def _forget_brands() -> Iterator[None]:
    forget_brands()
    yield
    forget_brands()

"""Which worker runs which test: files that share a browser or the whole stack run in one worker, one after the other.

pytest-xdist writes a test's group into its id, in a way that pytest 9.2 no longer takes up, so that the mark alone does
nothing. Here the file says it: whoever is marked `xdist_group("browser")` is found by its file's text.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MARK = 'xdist_group("browser")'


@cache
def shares(file: str) -> bool:
    """Whether the tests of this file stand in the group."""
    path = ROOT / file
    return path.suffix == ".py" and path.exists() and MARK in path.read_text()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadGroupScheduling

    class ByFile(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if shares(nodeid.partition("::")[0]) else nodeid

    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None

"""What is installed, under which licence, and that no secret lies in the repository.

`python -m tests.architecture.supply`, part of `make check`. Each module answers with sentences about what is wrong, and
none when all is well. What was looked at by a person and found to be right stands, with the reason, in
`requirements/reviewed.toml`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def reviewed() -> dict[str, Any]:
    return tomllib.loads((ROOT / "requirements" / "reviewed.toml").read_text())

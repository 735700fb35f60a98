"""Who did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, the system itself, somebody at the command line, or nobody known."""

    kind: Literal["person", "system", "command", "anonymous"]
    id: UUID | None
    name: str
    role: str

    @classmethod
    def system(cls, name: str) -> Actor:
        return cls("system", None, name, "system")

    @classmethod
    def command(cls, name: str) -> Actor:
        return cls("command", None, name, "operator")

    @classmethod
    def anonymous(cls) -> Actor:
        return cls("anonymous", None, "", "")

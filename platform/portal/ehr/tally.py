"""Counting a run: per kind read, new, changed, gone, projected, kept; and what was rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("read", "new", "changed", "gone")


@dataclass(slots=True)
class Tally:
    """Sums over patients. `kinds` holds the columns by kind, `totals` what has no kind."""

    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    totals: Counter[str] = field(default_factory=Counter)

    @classmethod
    def load(cls, counts: Mapping[str, Any]) -> Tally:
        kinds = {kind: Counter(values) for kind, values in counts.get("kinds", {}).items()}
        return cls(kinds, Counter(counts.get("totals", {})))

    def dump(self) -> dict[str, Any]:
        return {"kinds": {kind: dict(c) for kind, c in sorted(self.kinds.items()) if c}, "totals": dict(self.totals)}

    def reset(self, counts: Mapping[str, Any]) -> None:
        loaded = Tally.load(counts)
        self.kinds, self.totals = loaded.kinds, loaded.totals

    def count(self, kind: str, column: str, number: int = 1) -> None:
        if number:
            self.kinds.setdefault(kind, Counter())[column] += number

    def add(self, other: Tally) -> None:
        for kind, values in other.kinds.items():
            self.kinds.setdefault(kind, Counter()).update(values)
        self.totals.update(other.totals)

    def sum(self, column: str) -> int:
        return sum(values[column] for values in self.kinds.values())

"""The store: resources by type and id, with versions and a clock that only moves when something is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

START = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryEHR:
    """Holds what a hospital's EHR would hold. Each write takes one second of its clock."""

    _stores: ClassVar[dict[str, MemoryEHR]] = {}

    def __init__(self) -> None:
        self.resources: dict[tuple[str, str], dict[str, Any]] = {}
        self.moment = START
        self.failing: dict[str, str] = {}

    @classmethod
    def at(cls, address: str) -> MemoryEHR:
        return cls._stores.setdefault(address, cls())

    @classmethod
    def forget(cls, address: str) -> None:
        cls._stores.pop(address, None)

    @property
    def now(self) -> str:
        return self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def put(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Writes a resource as an EHR does: with the next version and its own time."""
        self.moment += timedelta(seconds=1)
        key = (str(resource["resourceType"]), str(resource["id"]))
        before = self.resources.get(key, {}).get("meta", {}).get("versionId", "0")
        written = deepcopy(resource)
        written["meta"] = {**written.get("meta", {}), "versionId": str(int(before) + 1), "lastUpdated": self.now}
        self.resources[key] = written
        return written

    def put_all(self, resources: Iterable[dict[str, Any]]) -> None:
        for resource in resources:
            self.put(resource)

    def delete(self, kind: str, fhir_id: str) -> None:
        self.moment += timedelta(seconds=1)
        self.resources.pop((kind, fhir_id), None)

    def of_kind(self, kind: str) -> Iterator[dict[str, Any]]:
        return (body for (type_, _id), body in self.resources.items() if type_ == kind)

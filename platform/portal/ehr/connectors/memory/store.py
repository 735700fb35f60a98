"""The store: resources by type and id, with versions and a clock that only moves when something is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

START = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryEHR:
    """Holds what a hospital's EHR would hold. Each write takes one second of its clock."""

    _stores: ClassVar[dict[str, MemoryEHR]] = {}

    def __init__(self) -> None:
        self.resources: dict[tuple[str, str], dict[str, Any]] = {}
        self.moment = START
        self.failing: dict[str, str] = {}
        self.kinds: set[str] = set()

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
        self.kinds.add(key[0])
        return written

    def put_all(self, resources: Iterable[dict[str, Any]]) -> None:
        for resource in resources:
            self.put(resource)

    def load(self, bundle: dict[str, Any]) -> None:
        """Takes a Bundle as a server takes a transaction: references to fullUrls become references to ids."""
        entries = [e for e in bundle.get("entry", []) if isinstance(e, dict) and isinstance(e.get("resource"), dict)]
        named = [(entry.get("fullUrl"), _with_id(entry)) for entry in entries]
        names = {url: f"{body.get('resourceType')}/{body['id']}" for url, body in named if isinstance(url, str)}
        self.put_all(_pointing(body, names) for _url, body in named if body.get("resourceType"))

    def delete(self, kind: str, fhir_id: str) -> None:
        self.moment += timedelta(seconds=1)
        self.resources.pop((kind, fhir_id), None)

    def of_kind(self, kind: str) -> Iterator[dict[str, Any]]:
        return (body for (type_, _id), body in self.resources.items() if type_ == kind)


def _with_id(entry: dict[str, Any]) -> dict[str, Any]:
    """The resource under its own id, or that of its fullUrl, or a new one."""
    tail = str(entry.get("fullUrl") or uuid4()).rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return {**entry["resource"], "id": entry["resource"].get("id") or tail}


def _pointing(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_pointing(entry, names) for entry in value]
    if not isinstance(value, dict):
        return value
    made = {key: _pointing(entry, names) for key, entry in value.items()}
    if isinstance(made.get("reference"), str):
        made["reference"] = names.get(made["reference"], made["reference"])
    return made

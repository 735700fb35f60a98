"""What a server says it can (CapabilityStatement, R4 3.1.4): which kinds, found by which parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.ehr.connectors.fhir_r4.compartment import COMPARTMENT, US_CORE
from portal.ehr.errors import ConnectorError, Fault


@dataclass(frozen=True, slots=True)
class Offer:
    """`parameters` has a set for each kind the server lists; empty where it lists kinds but no parameters."""

    version: str = ""
    software: str = ""
    listed: bool = False
    parameters: dict[str, frozenset[str]] = field(default_factory=dict)

    def kinds(self) -> tuple[str, ...]:
        """The kinds of a patient's record worth asking for: those listed and US Core's; all, where none are listed."""
        if not self.listed:
            return tuple(COMPARTMENT)
        return tuple(kind for kind in COMPARTMENT if kind in self.parameters or kind in US_CORE)

    def owner_parameters(self, kind: str) -> tuple[str, ...]:
        """The parameters that may find a patient's resources of this kind, those the server lists first."""
        listed = self.parameters.get(kind, frozenset())
        return tuple(sorted(COMPARTMENT.get(kind, ("patient", "subject")), key=lambda name: name not in listed))


def read_offer(statement: dict[str, Any]) -> Offer:
    """Raises ConnectorError where the statement is of another version, or none at all."""
    if statement.get("resourceType") != "CapabilityStatement":
        raise ConnectorError(Fault.NOT_FHIR, str(statement.get("resourceType"))[:40], permanent=True)
    version = str(statement.get("fhirVersion", ""))
    if version and not version.startswith("4."):
        raise ConnectorError(Fault.WRONG_VERSION, version[:20], permanent=True)
    found: dict[str, frozenset[str]] = {}
    for rest in _dicts(statement.get("rest")):
        for resource in _dicts(rest.get("resource")):
            kind = resource.get("type")
            if isinstance(kind, str) and _searchable(resource):
                names = (entry.get("name") for entry in _dicts(resource.get("searchParam")))
                found[kind] = frozenset(name for name in names if isinstance(name, str))
    software = statement.get("software")
    name = str(software.get("name", "")) if isinstance(software, dict) else ""
    return Offer(version, name[:80], bool(found), found)


def _searchable(resource: dict[str, Any]) -> bool:
    codes = {entry.get("code") for entry in _dicts(resource.get("interaction"))}
    return not codes or "search-type" in codes


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []

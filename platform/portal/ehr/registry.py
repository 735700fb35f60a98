"""Which connector serves which kind of source. A vendor is one folder and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

from portal.ehr.connector import EHRConnector

CONNECTORS: dict[str, str] = {
    "memory": "portal.ehr.connectors.memory:open_connector",
    "fhir_r4": "portal.ehr.connectors.fhir_r4:open_connector",
}


@dataclass(frozen=True, slots=True)
class Access:
    """All that a connector is given: where the source is, how to sign in, and what was learned before."""

    base_url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    allow_networks: tuple[str, ...] = ()
    learned: Mapping[str, Any] = field(default_factory=dict)
    cache_key: str = ""


class OpenConnector(Protocol):
    def __call__(self, access: Access) -> EHRConnector: ...


def opener(kind: str) -> OpenConnector:
    """The function that opens a connector of this kind; its module is imported on first use. LookupError if unknown."""
    module, _, name = CONNECTORS[kind].partition(":")
    return cast(OpenConnector, getattr(import_module(module), name))

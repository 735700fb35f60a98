"""Reads a patient's chart from a FHIR server, with each number as it was written, and looks for it on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.journeys.plain import Seen

HIDDEN = {"entered-in-error", "cancelled"}


@dataclass(frozen=True)
class Fact:
    """Something that must stand on one page: a number with its unit, range and date."""

    what: str
    value: str
    unit: str
    limits: tuple[str, ...]
    when: str


def fetch(base_url: str, token: str, kind: str, patient: str) -> list[dict[str, Any]]:
    """All resources of a kind, numbers as text so that 5.40 stays 5.40."""
    found: list[dict[str, Any]] = []
    address: str | None = f"{base_url}/{kind}?patient=Patient/{patient}&_count=200"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    while address:
        answer = httpx.get(address, headers=headers, timeout=60)
        bundle = json.loads(answer.text, parse_float=str, parse_int=str)
        entries = [e["resource"] for e in bundle.get("entry", [])]
        found += [r for r in entries if r.get("resourceType") == kind]
        address = next((link["url"] for link in bundle.get("link", []) if link["relation"] == "next"), None)
    return found


def facts(observation: dict[str, Any]) -> Iterator[Fact]:
    """The numbers of an Observation and of its components."""
    if observation.get("status") in HIDDEN:
        return
    when = observation.get("effectiveDateTime", "")
    for part in (observation, *observation.get("component", [])):
        quantity = part.get("valueQuantity")
        if not quantity or "value" not in quantity:
            continue
        ranges = part.get("referenceRange", [])
        limits = tuple(r[end]["value"] for r in ranges[:1] for end in ("low", "high") if "value" in r.get(end, {}))
        name = part.get("code", {}).get("text") or str(part.get("code", {}).get("coding", [{}])[0].get("display"))
        yield Fact(f"{name} {observation['id']}", quantity["value"], quantity.get("unit", ""), limits, when)


def missing(found: list[Fact], pages: list[Seen]) -> list[str]:
    """The facts that stand on no page whole."""
    absent = []
    for fact in found:
        holding = [p for p in pages if fact.value in p.values and (not fact.when or fact.when in p.times)]
        if not holding:
            absent.append(f"{fact.what}: {fact.value} at {fact.when}")
        elif fact.unit and not any(fact.unit in p.text for p in holding):
            absent.append(f"{fact.what}: unit {fact.unit}")
        elif fact.limits and not any(all(limit in p.text for limit in fact.limits) for p in holding):
            absent.append(f"{fact.what}: range {fact.limits}")
    return absent

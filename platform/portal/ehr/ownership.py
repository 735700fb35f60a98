"""Whose resource is it? One that names another patient is never stored under this one (R3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.ehr.references import base_of, references_in, resolve
from portal.ehr.values import PatientKey, Received

# Elements that name the person a resource is about. For the rest any mention of the patient will do.
OWNERS = ("subject", "patient", "beneficiary", "individual", "for")


def patient_key(received: Received) -> PatientKey:
    """The key of a Patient resource: its id, and the ids that it says it replaces (R4, Patient.link)."""
    body = received.body
    merged = {
        target[1]
        for link in _dicts(body.get("link"))
        if link.get("type") == "replaces" and (target := _target(link.get("other"))) and target[0] == "Patient"
    }
    identifiers = {
        (str(entry["system"]), str(entry["value"]))
        for entry in _dicts(body.get("identifier"))
        if entry.get("system") and entry.get("value")
    }
    return PatientKey(received.fhir_id, frozenset(merged), frozenset(identifiers))


def belongs(received: Received, patient: PatientKey, bases: frozenset[str] = frozenset()) -> bool:
    """True unless the resource names another patient, or names this one at another server.

    `bases` are the addresses under which this source may speak of itself; empty accepts any.
    """
    if received.type == "Patient":
        return received.fhir_id in patient.ids
    named = [ref for name in OWNERS for ref in _references(received.body.get(name))]
    if named:
        literal = [ref for ref in named if (target := resolve(ref)) and target[0] == "Patient"]
        if literal:
            return all(_is(ref, patient, bases) for ref in literal)
    if not _identifier_fits(received.body, patient):
        return False
    mentioned = [ref for ref in references_in(received.json) if (t := resolve(ref)) and t[0] == "Patient"]
    return not mentioned or any(_is(ref, patient, bases) for ref in mentioned)


def owners_of(received: Received) -> frozenset[str]:
    """The ids of the patients whom a resource names as its own."""
    named = [ref for name in OWNERS for ref in _references(received.body.get(name))]
    found = {target[1] for ref in named if (target := resolve(ref)) and target[0] == "Patient"}
    if not found:
        found = {t[1] for ref in references_in(received.json) if (t := resolve(ref)) and t[0] == "Patient"}
    return frozenset(found)


def _is(reference: str, patient: PatientKey, bases: frozenset[str]) -> bool:
    target = resolve(reference)
    base = base_of(reference)
    return bool(target) and target is not None and target[1] in patient.ids and (not base or not bases or base in bases)


def _identifier_fits(body: dict[str, Any], patient: PatientKey) -> bool:
    """A logical reference (R4, 2.3.0.2) with an identifier of a system that we know must carry the right value."""
    known = {system for system, _value in patient.identifiers}
    for name in OWNERS:
        for holder in _dicts(body.get(name)):
            identifier = holder.get("identifier")
            if isinstance(identifier, dict) and not holder.get("reference") and identifier.get("system") in known:
                return (str(identifier["system"]), str(identifier.get("value"))) in patient.identifiers
    return True


def _references(value: Any) -> Iterator[str]:
    for holder in _dicts(value):
        reference = holder.get("reference")
        if isinstance(reference, str):
            yield reference


def _target(value: Any) -> tuple[str, str] | None:
    return next((found for ref in _references(value) if (found := resolve(ref))), None)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in an element, which should be one or a list, and may be anything."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield entry

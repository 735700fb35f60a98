"""Events as FHIR R4 AuditEvent resources (hl7.org/fhir/R4/auditevent.html).

Codes come from the value sets that the standard names: DICOM's for types, the R4 code systems for source, entity and
role. What none of them says, our own kind of event, is the subtype. An event has no clinical content, and its
AuditEvent neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from foundation.audit.queries import Entry
from foundation.registry import event_kinds, event_meanings

type Json = dict[str, Any]
DCM = "http://dicom.nema.org/resources/ontology/DCM"
KINDS = "urn:portico:audit-event-kind"
ROLES = "urn:portico:role"
SOURCE = "http://terminology.hl7.org/CodeSystem/security-source-type"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"

# DICOM PS3.16, context group 400 (Audit Event ID), by how a kind begins or ends; the first that fits.
TYPES: tuple[tuple[Callable[[str], bool], tuple[str, str]], ...] = (
    (lambda kind: kind.startswith(("sign_in.", "sign_out")), ("110114", "User Authentication")),
    (lambda kind: kind.startswith(("person.", "password.", "factor.", "link.", "grant.", "access.")),
     ("110113", "Security Alert")),
    (lambda kind: kind.startswith("audit."), ("110101", "Audit Log Used")),
    (lambda kind: kind.endswith((".searched", ".listed")), ("110112", "Query")),
    (lambda kind: kind.startswith("export.") or kind.endswith(".exported"), ("110106", "Export")),
    (lambda kind: kind.startswith(("sync.", "record.synchronised", "document.fetched")), ("110107", "Import")),
    (lambda kind: kind.startswith(("record.", "result.", "report.", "visit.", "document.", "home.", "patient.",
                                   "disclosure")), ("110110", "Patient Record")),
)  # fmt: skip
OTHER = ("110100", "Application Activity")
ACTIONS = {"create": "C", "read": "R", "update": "U", "delete": "D", "execute": "E"}
OUTCOMES = {"success": "0", "refused": "4", "failed": "8"}


def audit_event(entry: Entry, *, hospital: str, url: str) -> Json:
    """The AuditEvent of one event. `hospital` is the name of the one whose record it is, `url` its portal's address."""
    meaning = event_meanings.get(entry.kind) if entry.kind in event_meanings else None
    made: Json = {
        "resourceType": "AuditEvent",
        "id": str(uuid5(NAMESPACE_URL, f"{url}audit/{entry.id}")),
        "type": _coding(DCM, *_type(entry.kind)),
        "subtype": [_coding(KINDS, entry.kind, str(event_kinds.get(entry.kind)) if entry.kind in event_kinds else "")],
        "action": ACTIONS[meaning.deed if meaning else "execute"],
        "recorded": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "outcome": OUTCOMES.get(entry.outcome, "12"),
        "agent": [_agent(entry), *_behalf(entry)],
        "source": {
            "site": hospital,
            "observer": {"display": hospital, "identifier": {"system": "urn:ietf:rfc:3986", "value": url}},
            "type": [_coding(SOURCE, "4", "Application Server")],
        },
        "entity": [*_patient(entry), *_thing(entry)],
    }
    if entry.reason:
        made["outcomeDesc"] = entry.reason
    return {key: value for key, value in made.items() if value}


def _type(kind: str) -> tuple[str, str]:
    return next((code for fits, code in TYPES if fits(kind)), OTHER)


def _coding(system: str, code: str, display: str = "") -> Json:
    return {"system": system, "code": code, **({"display": display} if display else {})}


def _agent(entry: Entry) -> Json:
    """Who did it. `requestor`: a person asked for it; what works by itself did not."""
    agent: Json = {"requestor": entry.actor_kind in {"person", "command"}}
    if entry.actor_kind == "person":
        agent["type"] = {"coding": [_coding(PARTICIPATION, "IRCP", "information recipient")]}
    else:
        agent["type"] = {"coding": [_coding(DCM, "110150", "Application")]}
    if entry.actor_role:
        agent["role"] = [{"coding": [_coding(ROLES, entry.actor_role)], "text": entry.actor_role}]
    if entry.actor_id is not None:
        agent["who"] = {"identifier": _identifier(entry.actor_id), "display": entry.actor_name or "?"}
        agent["altId"] = str(entry.actor_id)
    name = entry.actor_name or entry.actor_kind
    agent["name"] = name
    if entry.address:
        agent["network"] = {"address": entry.address, "type": "2"}
    return agent


def _behalf(entry: Entry) -> list[Json]:
    if entry.on_behalf_of is None:
        return []
    return [
        {"type": {"text": "on behalf of"}, "requestor": False, "who": {"identifier": _identifier(entry.on_behalf_of)}}
    ]


def _identifier(value: UUID) -> Json:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{value}"}


def _patient(entry: Entry) -> list[Json]:
    if entry.patient_id is None:
        return []
    return [{
        "what": {"type": "Patient", "identifier": _identifier(entry.patient_id)},
        "type": _coding(ENTITY, "1", "Person"),
        "role": _coding(OBJECT_ROLE, "1", "Patient"),
    }]  # fmt: skip


def _thing(entry: Entry) -> list[Json]:
    """The object, how many of them, and what ties the event to its request."""
    told = {"kind": entry.target_type, "count": entry.count, "request": entry.request_id, "number": entry.id,
            "agent": entry.agent}  # fmt: skip
    details = [{"type": key, "valueString": str(value)} for key, value in told.items() if value not in (None, "")]
    thing: Json = {"type": _coding(ENTITY, "2", "System Object"), "role": _coding(OBJECT_ROLE, "4", "Domain Resource")}
    if entry.target_id:
        thing["what"] = {"identifier": {"system": f"urn:portico:{entry.target_type or 'target'}",
                                        "value": entry.target_id}}  # fmt: skip
    return [{**thing, "detail": details}]


def ndjson(entries: Iterable[Entry], *, hospital: str, url: str) -> Iterator[bytes]:
    """One resource a line (application/fhir+ndjson)."""
    for entry in entries:
        yield orjson.dumps(audit_event(entry, hospital=hospital, url=url), option=orjson.OPT_APPEND_NEWLINE)


def bundle(entries: Iterable[Entry], *, hospital: str, url: str) -> Iterator[bytes]:
    """One Bundle of type collection, written as it goes."""
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    for place, entry in enumerate(entries):
        made = audit_event(entry, hospital=hospital, url=url)
        full = {"fullUrl": f"urn:uuid:{made['id']}", "resource": made}
        yield (b"," if place else b"") + orjson.dumps(full)
    yield b"]}"

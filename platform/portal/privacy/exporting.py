"""Events and disclosures as files: CSV that no spreadsheet runs, FHIR AuditEvent, written as they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from foundation.audit import fhir
from foundation.audit.queries import AT_ONCE, Cursor, Entry, Search, find
from foundation.tenancy import HospitalRecord, inside
from portal.privacy.queries.names import names_of

MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEAD = (
    "number", "time (UTC)", "time (hospital)", "kind", "outcome", "person", "person id", "role", "sort", "patient",
    "patient id", "on behalf of", "object", "object id", "reason", "count", "address", "device", "request",
)  # fmt: skip


def cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula: an apostrophe goes before what could begin one (CWE-1236)."""
    text = "" if value is None else str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(DANGEROUS) else text


def line(values: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([cell(value) for value in values])
    return out.getvalue()


def events_csv(hospital: HospitalRecord, search: Search) -> Iterator[bytes]:
    """All that the search finds, newest first."""
    yield f"{MARK}{line(HEAD)}".encode()
    zone = ZoneInfo(hospital.time_zone)
    for entries in _pages(hospital, search):
        with inside(hospital):
            names = names_of(e.patient_id for e in entries)
        rows = (_row(e, names.get(e.patient_id, "") if e.patient_id else "", zone) for e in entries)
        yield "".join(map(line, rows)).encode()


def _row(e: Entry, patient: str, zone: ZoneInfo) -> Sequence[object]:
    return (
        e.id, _utc(e.at), e.at.astimezone(zone).isoformat(timespec="seconds"), e.kind, e.outcome, e.actor_name,
        e.actor_id, e.actor_role, e.actor_kind, patient, e.patient_id, e.on_behalf_of, e.target_type, e.target_id,
        e.reason, e.count, e.address, e.agent, e.request_id,
    )  # fmt: skip


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def events_fhir(
    hospital: HospitalRecord, search: Search, url: str, write: Callable[..., Iterator[bytes]] = fhir.ndjson
) -> Iterator[bytes]:
    """The same as AuditEvent resources: `write` is fhir.ndjson or fhir.bundle."""
    entries = (entry for page in _pages(hospital, search) for entry in page)
    yield from write(entries, hospital=hospital.name, url=url)


def _pages(hospital: HospitalRecord, search: Search) -> Iterator[tuple[Entry, ...]]:
    """The answer is written after the request has left its hospital: each page enters it, and leaves before it goes
    out."""
    before: Cursor | None = None
    while True:
        with inside(hospital):
            page = find(search, before=before, limit=AT_ONCE)
        yield page.entries
        if page.older is None:
            return
        before = page.older

"""What was found, as files: CSV that runs nowhere, FHIR that others read; each file is in the record."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from fhir.resources.R4B.auditevent import AuditEvent as FhirAuditEvent
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given
from hypothesis import strategies as st

from foundation.audit import Actor, Where
from foundation.audit.fhir import DCM, audit_event
from foundation.audit.models import AuditEvent
from foundation.audit.queries import Entry, Search, find
from foundation.clock import now
from foundation.tenancy import inside
from portal.privacy import exporting
from portal.privacy.exporting import HEAD, MARK, cell, line
from tests.portal.privacy.conftest import Ward, actor_of, streamed

EXPORT = "/privacy/looks/export/"


def saved(ward: Ward, sort: str = "csv", **fields: str) -> bytes:
    answer = ward.officer.post(EXPORT, {"as": sort, **fields})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    return b"".join(streamed(answer))


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0=", "＝", "\x00="])
def test_no_cell_begins_a_formula(start: str) -> None:
    made = cell(f"{start}cmd|' /C calc'!A0")
    assert made.startswith("'")
    assert next(csv.reader([line([f"{start}1+1"]).rstrip("\r\n")]))[0].startswith("'")


@given(st.text())
def test_whatever_a_cell_holds_it_comes_back_and_begins_no_formula(text: str) -> None:
    row = next(csv.reader(io.StringIO(line([text, "end"]), newline="")))
    assert row[1] == "end"
    assert row[0] in {text.replace("\x00", ""), "'" + text.replace("\x00", "")}
    assert not row[0].lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.security("S16")
def test_a_device_s_words_and_a_name_run_in_no_spreadsheet(ward: Ward) -> None:
    ward.look(Actor("person", uuid4(), "=HYPERLINK(\"http://evil.example\")", "clinician"),
              where=Where("r", "203.0.113.9", "@SUM(1+1)*cmd|' /C calc'!A0"))  # fmt: skip
    row = table(saved(ward, address="203.0.113.9"))[0]
    assert row["person"].startswith("'=HYPERLINK")
    assert row["device"].startswith("'@SUM")


def test_the_table_holds_what_the_search_finds_and_says_so_in_the_record(ward: Ward) -> None:
    for _time in range(3):
        ward.look()
    ward.look(kind="visit.read")
    content = saved(ward, kind="result.read")
    assert content.startswith(MARK.encode())
    rows = table(content)
    assert tuple(rows[0]) == HEAD
    assert [row["person"] for row in rows] == ["Dr. Lin Chen"] * 3
    assert rows[0]["patient"] == "Alice Moreno"
    assert rows[0]["time (hospital)"].endswith(("-05:00", "-04:00"))
    with inside(ward.hospital):
        event = AuditEvent.objects.filter(kind="audit.exported").get()
    assert (event.item_count, event.reason, event.actor_id) == (3, "csv", ward.priya.pk)
    assert event.target_id == "kinds"


def test_a_file_about_one_patient_names_the_patient_in_the_record(ward: Ward) -> None:
    ward.look()
    saved(ward, patient=str(ward.patient.pk))
    with inside(ward.hospital):
        assert AuditEvent.objects.filter(kind="audit.exported").get().patient_id == ward.patient.pk


def test_a_long_file_is_written_page_by_page_and_takes_nothing_new_up(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 4)
    for _time in range(11):
        ward.look()
    answer = ward.officer.post(EXPORT, {"as": "csv", "kind": "result.read"})
    parts = streamed(answer)
    began = next(parts)
    ward.look()
    rows = table(began + b"".join(parts))
    assert len(rows) == 11
    assert len({row["number"] for row in rows}) == 11


def test_an_empty_search_makes_an_empty_file(ward: Ward) -> None:
    assert table(saved(ward, text="nothing-of-this-id")) == []
    assert json.loads(saved(ward, "bundle", text="nothing-of-this-id"))["entry"] == []


def test_what_is_no_form_of_file_is_not_found(ward: Ward) -> None:
    assert ward.officer.post(EXPORT, {"as": "exe"}).status_code == 404
    assert ward.officer.get(EXPORT).status_code == 405


@pytest.mark.security("S52")
def test_without_the_event_there_is_no_file(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import DatabaseError

    ward.look()

    def fail(events: object) -> None:
        raise DatabaseError("the record is shut")

    monkeypatch.setattr("foundation.audit.trail.write", fail)
    answer = ward.officer.post(EXPORT, {"as": "csv"})
    assert answer.status_code >= 500
    assert "Dr. Lin Chen" not in answer.text


def entries(ward: Ward) -> list[Entry]:
    with inside(ward.hospital):
        return list(find(Search(), limit=500).entries)


def checked(resource: dict[str, Any]) -> FhirAuditEvent:
    return FhirAuditEvent.model_validate(resource)


def test_every_event_is_a_valid_audit_event(ward: Ward) -> None:
    ward.look(on_behalf_of=ward.priya.pk, reason="not_found", outcome="refused", count=4, target=("result", "r-1"))
    ward.look(Actor.system("synchronisation"), "record.synchronised")
    ward.look(Actor.anonymous(), "record.read", outcome="failed")
    ward.look(Actor.command("hospital sync"), "sync.started")
    ward.her.get("/account/looks/")
    for entry in entries(ward):
        made = audit_event(entry, hospital=ward.hospital.name, url="https://mercy.example/")
        checked(json.loads(json.dumps(made)))


def test_a_look_says_who_whose_when_where_and_how_it_ended(ward: Ward) -> None:
    ward.look(actor_of(ward.chen), on_behalf_of=ward.priya.pk, target=("result", "r-1"), reason="not_found",
              outcome="refused")  # fmt: skip
    entry = next(e for e in entries(ward) if e.kind == "result.read")
    made = audit_event(entry, hospital="Mercy", url="https://mercy.example/")
    assert made["type"] == {"system": DCM, "code": "110110", "display": "Patient Record"}
    assert made["subtype"][0]["code"] == "result.read"
    assert (made["action"], made["outcome"], made["outcomeDesc"]) == ("R", "4", "not_found")
    agent, behalf = made["agent"]
    assert agent["requestor"] is True
    assert agent["altId"] == str(ward.chen.pk)
    assert agent["network"] == {"address": "203.0.113.7", "type": "2"}
    assert behalf["who"]["identifier"]["value"] == f"urn:uuid:{ward.priya.pk}"
    assert made["entity"][0]["what"]["identifier"]["value"] == f"urn:uuid:{ward.patient.pk}"
    assert made["entity"][0]["role"]["code"] == "1"
    assert made["recorded"].endswith("Z")


@pytest.mark.parametrize(
    ("kind", "code"),
    [("sign_in.succeeded", "110114"), ("audit.searched", "110101"), ("export.read", "110106"), ("visit.read", "110110"),
     ("result.listed", "110112"), ("record.synchronised", "110107"), ("grant.given", "110113"),
     ("hospital.branded", "110100")],
)  # fmt: skip
def test_kinds_have_their_type_of_dicom(kind: str, code: str) -> None:
    entry = Entry(
        1, now(), kind, "person", uuid4(), "x", "clinician", None, None, "", "", "success", "", None, "", None, ""
    )
    assert audit_event(entry, hospital="Mercy", url="https://mercy.example/")["type"]["code"] == code


def test_lines_and_bundle_hold_the_same_events(ward: Ward) -> None:
    for _time in range(3):
        ward.look()
    lines = [json.loads(one) for one in saved(ward, "ndjson", kind="result.read").splitlines()]
    bundle = json.loads(saved(ward, "bundle", kind="result.read"))
    Bundle.model_validate(bundle)
    assert [entry["resource"] for entry in bundle["entry"]] == lines
    assert len(lines) == 3
    assert len({UUID(one["id"]) for one in lines}) == 3
    for one in lines:
        checked(one)

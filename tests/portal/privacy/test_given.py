"""The accounting of disclosures: six years, what counts and what does not, as page, table and PDF."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.registry import Disclosed, EventMeaning, event_kinds, event_meanings
from foundation.tenancy import inside
from portal.access.models import Patient
from portal.privacy import actions
from portal.privacy.models import Disclosure
from portal.privacy.queries.disclosures import first_day
from portal.records.pdf.engine import is_available
from tests.portal.privacy.conftest import Ward, actor_of, make_patient

OWN = "/account/given/"


def write_down(ward: Ward, recipient: str = "County Health Department", **more: Any) -> None:
    with inside(ward.hospital):
        actions.note_disclosure(
            by=actor_of(ward.priya), patient_id=more.pop("patient_id", ward.patient.pk), recipient=recipient,
            **{"made_on": now().date() - timedelta(days=30), "what": "A report", "purpose": "public_health", **more},
        )  # fmt: skip


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of event that hands data to somebody outside."""
    kind = "report.sent_outside"
    monkeypatch.setitem(event_kinds._values, kind, "A report was sent out")
    meaning = EventMeaning(
        "Sent a report about you", deed="execute", disclosed=Disclosed("A report", "A law asks for it")
    )
    monkeypatch.setitem(event_meanings._values, kind, meaning)
    return kind


@pytest.mark.security("S56")
def test_what_was_given_out_is_there_at_once(ward: Ward, sending: str) -> None:
    ward.look(kind=sending, target=("recipient", "State Registry"))
    page = ward.her.get(OWN).text
    assert "State Registry" in page
    assert "A law asks for it" in page


def test_looks_for_care_and_what_was_refused_do_not_count(ward: Ward, sending: str) -> None:
    ward.look()
    ward.look(kind=sending, target=("recipient", "Nobody at all"), outcome="refused")
    page = ward.her.get(OWN).text
    assert "Nothing to list" in page
    assert "Nobody at all" not in page


def test_what_the_patient_or_their_family_sent_does_not_count(ward: Ward, sending: str) -> None:
    ward.look(actor_of(ward.alice), sending, target=("recipient", "Her new doctor"))
    assert "Her new doctor" not in ward.her.get(OWN).text


def test_what_the_officer_wrote_down_is_on_the_patient_s_page_and_in_the_record(ward: Ward) -> None:
    path = f"/privacy/patients/{ward.patient.pk}/given/add/"
    answer = ward.officer.post(path, {
        "made_on_0": "3", "made_on_1": "4", "made_on_2": "2026", "recipient": "District Court", "what": "One visit",
        "recipient_address": "1 Court Square", "purpose": "court", "why": "Order 12",
    })  # fmt: skip
    assert answer.status_code == 302, answer.text
    page = ward.her.get(OWN).text
    for part in ("District Court", "1 Court Square", "One visit", "A court or a legal case: Order 12", "March 4, 2026"):
        assert part in page, part
    with inside(ward.hospital):
        assert AuditEvent.objects.get(kind="disclosure.noted").patient_id == ward.patient.pk
    assert "Wrote down something" in ward.her.get("/account/looks/").text


def test_a_day_that_has_not_come_is_sent_back(ward: Ward) -> None:
    path = f"/privacy/patients/{ward.patient.pk}/given/add/"
    day = now().date() + timedelta(days=3)
    answer = ward.officer.post(path, {
        "made_on_0": day.month, "made_on_1": day.day, "made_on_2": day.year, "recipient": "x", "what": "y",
        "purpose": "other",
    })  # fmt: skip
    assert "This day has not come yet." in answer.text


def test_it_reaches_six_years_back_and_no_further(ward: Ward) -> None:
    begins = first_day(now().date())
    write_down(ward, "Just inside", made_on=begins + timedelta(days=1))
    write_down(ward, "Just outside", made_on=begins - timedelta(days=2))
    page = ward.her.get(OWN).text
    assert "Just inside" in page
    assert "Just outside" not in page


@pytest.mark.parametrize(
    ("today", "begins"), [(date(2026, 11, 22), date(2020, 11, 22)), (date(2024, 2, 29), date(2018, 3, 1))]
)
def test_six_years_before_a_leap_day_is_a_day_too(today: date, begins: date) -> None:
    assert first_day(today) == begins


def test_the_table_runs_in_no_spreadsheet(ward: Ward) -> None:
    write_down(ward, "=1+1", what="@x")
    rows = list(csv.reader(io.StringIO(ward.her.get(f"{OWN}file.csv").content.decode("utf-8-sig"))))
    assert rows[1][1] == "'=1+1"
    assert rows[1][3] == "'@x"


@pytest.mark.skipif(not is_available(), reason="needs pango")
def test_the_pdf_has_the_same_lines(ward: Ward) -> None:
    write_down(ward, "County Health Department")
    for browser, path in (
        (ward.her, f"{OWN}file.pdf"),
        (ward.officer, f"/privacy/patients/{ward.patient.pk}/given/file.pdf"),
    ):
        answer = browser.get(path)
        assert answer["Content-Type"] == "application/pdf"
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert "County Health Department" in text
        assert "Alice Moreno" in text


@pytest.mark.security("S50")
def test_each_reading_is_in_the_record(ward: Ward) -> None:
    write_down(ward)
    paths = {OWN: "disclosures.viewed", f"{OWN}file.csv": "disclosures.exported"}
    officers = {f"/privacy/patients/{ward.patient.pk}/given/": "disclosures.viewed",
                f"/privacy/patients/{ward.patient.pk}/given/file.csv": "disclosures.exported"}  # fmt: skip
    for browser, each in ((ward.her, paths), (ward.officer, officers)):
        for path, kind in each.items():
            assert browser.get(path).status_code == 200
            with inside(ward.hospital):
                event = AuditEvent.objects.filter(kind=kind).latest("id")
            assert (event.patient_id, event.item_count) == (ward.patient.pk, 1), path


def test_what_was_given_out_under_a_record_that_was_joined_is_on_it(ward: Ward) -> None:
    old = make_patient(ward.hospital, "p1001-old", "Alice Moreno")
    write_down(ward, "An older agency", patient_id=old.pk)
    with inside(ward.hospital):
        Patient.objects.filter(pk=old.pk).update(merged_into=ward.patient)
    assert "An older agency" in ward.her.get(OWN).text


@pytest.mark.security("S20")
def test_another_patient_s_list_is_not_mine(ward: Ward) -> None:
    other = make_patient(ward.hospital, "p2", "Frank Hill")
    write_down(ward, "Frank's agency", patient_id=other.pk)
    assert "Frank's agency" not in ward.her.get(OWN).text
    assert "Frank's agency" not in ward.her.get(f"{OWN}file.csv").content.decode()


def test_there_is_no_list_of_nobody(ward: Ward) -> None:
    for ending in ("", "file.csv", "file.pdf", "add/"):
        assert ward.officer.get(f"/privacy/patients/{uuid4()}/given/{ending}").status_code == 404
    with inside(ward.hospital):
        assert not Disclosure.objects.exists()


def test_the_system_s_own_sending_counts(ward: Ward, sending: str) -> None:
    ward.look(Actor.system("reports"), sending, target=("recipient", "Vaccine Registry"))
    assert "Vaccine Registry" in ward.her.get(OWN).text

"""Download my record: asked for, made in parts, opened by its owner alone, gone after a day."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError
from pypdf import PdfReader

from foundation.audit import Actor
from foundation.clock import now
from foundation.storage import hospital_files
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import User
from portal.records.display.values import readable
from portal.records.models import RecordExport, Result
from portal.records.pdf import engine, making
from portal.records.pdf.parts import PARTS
from portal.records.removing import remove_old_copies
from portal.records.tasks import make_copy
from tests.portal.records.conftest import Chart, of_alice, result
from themes.moments import number_words

BY = Actor.system("tests")
needs_pango = pytest.mark.skipif(not engine.is_available(), reason="Pango is not installed: no PDF can be made.")


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.PORTICO_FILES = tmp_path


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was queued, and not run."""
    queued: list[str] = []

    def send(hospital: HospitalRecord, *, delay: float = 0, **arguments: Any) -> None:
        del hospital, delay
        queued.append(arguments["export_id"])

    monkeypatch.setattr(make_copy, "send", send)
    monkeypatch.setattr("portal.records.views.exports.is_available", lambda: True)
    return queued


def ask(chart: Chart) -> str:
    response = chart.client.post("/records/download/")
    assert response.status_code == 302
    return str(response["Location"])


def make(chart: Chart, sent: list[str]) -> None:
    with inside(chart.hospital):
        make_copy(export_id=sent[-1])


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@needs_pango
def test_the_file_holds_every_value_of_the_record(rich: Chart, sent: list[str]) -> None:
    page = ask(rich)
    make(rich, sent)
    assert "Your file is ready" in rich.page(page)
    response = rich.client.get(f"{page}file/")
    assert response["Content-Type"] == "application/pdf"
    pdf = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    text = re.sub(r"\s+", "", text_of(pdf))
    with inside(rich.hospital):
        held = Result.objects.filter(value_kind__in=("quantity", "integer"))
        shown = {number_words(readable(value)) + unit for value, unit in held.values_list("value_text", "unit")}
    assert len(shown) > 100
    assert sorted(words for words in shown if re.sub(r"\s+", "", words) not in text) == []
    assert "Alice" in text


@needs_pango
def test_the_file_is_tagged_and_in_arabic_it_runs_from_the_right(alice: Chart, sent: list[str]) -> None:
    alice.sync(result("a", 5.9), of_alice("Condition", "c", code={"text": "ارتفاع ضغط الدم"}))
    with inside(alice.hospital):
        User.objects.filter(pk=alice.user.pk).update(language="ar")
    page = ask(alice)
    make(alice, sent)
    pdf = PdfReader(io.BytesIO(b"".join(alice.client.get(f"{page}file/").streaming_content)))  # type: ignore[attr-defined]
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert root["/Lang"] == "ar"  # type: ignore[index]
    text = "".join(page.extract_text() for page in pdf.pages)
    assert "5.9" in text
    assert any("\u0600" <= letter <= "\u06ff" for letter in text)


def test_a_page_counts_the_parts_while_the_file_is_made(alice: Chart, sent: list[str]) -> None:
    page = ask(alice)
    assert "It starts in a moment" in alice.page(page)
    with inside(alice.hospital):
        RecordExport.objects.update(state="making", parts_ready=5, parts=8)
    shown = alice.page(page)
    assert "5 of 8 parts are ready" in shown
    assert 'http-equiv="refresh"' in shown
    assert ask(alice) == page, "asking again while one is made shows that one"


def test_a_failure_is_said_and_leaves_no_file(alice: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> bytes:
        raise RuntimeError("no paper")

    monkeypatch.setattr(making, "_printed", broken)
    page = ask(alice)
    make(alice, sent)
    assert "Your file was not made" in alice.page(page)
    assert alice.client.get(f"{page}file/").status_code == 404


def test_a_copy_that_nobody_works_on_any_more_has_failed(alice: Chart, sent: list[str]) -> None:
    del sent
    page = ask(alice)
    with inside(alice.hospital):
        RecordExport.objects.update(state="making", asked_at=now() - timedelta(hours=1))
    assert "Your file was not made" in alice.page(page)


def test_without_pango_the_page_says_that_the_download_is_off(alice: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.sync(result("a"))
    monkeypatch.setattr("portal.records.views.exports.is_available", lambda: False)
    assert "The download is off right now" in alice.page("/records/download/")
    alice.client.post("/records/download/")
    with inside(alice.hospital):
        assert not RecordExport.objects.exists()


def _ready(chart: Chart, asked_ago: timedelta = timedelta()) -> RecordExport:
    from django.core.files.base import ContentFile

    with inside(chart.hospital):
        key = hospital_files().save("exports/x.pdf", ContentFile(b"%PDF-"))
        return RecordExport.objects.create(
            user=chart.user, patient=chart.patient, state="ready", file_key=key, size=5,
            asked_at=now() - asked_ago, ready_at=now() - asked_ago,
        )  # fmt: skip


@pytest.mark.security("S10")
def test_nobody_else_opens_the_file(
    alice: Chart, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    copy = _ready(alice)
    assert alice.client.get(f"/records/download/{copy.id}/file/").status_code == 200
    other = person(alice.hospital, "ben", patient=alice.patient)
    browser = client_for(alice.hospital, other)
    for path in (f"/records/download/{copy.id}/", f"/records/download/{copy.id}/file/"):
        assert browser.get(path).status_code == 404


def test_a_file_is_gone_after_a_day(alice: Chart) -> None:
    old, new = _ready(alice, timedelta(hours=25)), _ready(alice)
    assert alice.client.get(f"/records/download/{old.id}/file/").status_code == 404
    with inside(alice.hospital):
        assert remove_old_copies(by=BY) == 1
        assert not hospital_files().exists(old.file_key)
        assert hospital_files().exists(new.file_key)
    assert "This file is gone" in alice.page(f"/records/download/{old.id}/")


def test_who_lost_the_right_gets_no_file(alice: Chart, sent: list[str]) -> None:
    from portal.access.actions import end_grant

    ask(alice)
    with inside(alice.hospital):
        end_grant(by=BY, user=alice.user, patient=alice.patient)
    make(alice, sent)
    with inside(alice.hospital):
        assert RecordExport.objects.get().state == "failed"


def test_the_copy_has_as_many_parts_as_its_page_counts() -> None:
    assert len(PARTS) == 8


def test_a_queue_that_does_not_answer_is_said_at_once(alice: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*_: Any, **__: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(make_copy, "send", send)
    monkeypatch.setattr("portal.records.views.exports.is_available", lambda: True)
    assert "Your file was not made" in alice.page(ask(alice))

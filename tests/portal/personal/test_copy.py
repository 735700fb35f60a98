"""A copy of everything: what is in it, who gets it, how often, and for how long (S65)."""

from __future__ import annotations

import json
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from foundation import clock
from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.personal import Holds, declarations
from foundation.storage import hospital_files
from foundation.tenancy import HospitalRecord, inside
from portal.access.actions import end_grant
from portal.accounts import signin
from portal.accounts.models import Session, User
from portal.personal.copying import job
from portal.personal.models import DataCopy
from portal.personal.tasks import make_copy, tidy_everywhere
from portal.personal.tidying import tidy
from portal.records.models import Result
from tests.portal.personal.conftest import Chart, ask, fetch, make
from tests.portal.records.conftest import of_alice, result

BY = Actor.system("tests")


def rows_of(copy: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(copy.read(f"data/{table}.json"))
    return found


def made(chart: Chart, sent: list[str]) -> zipfile.ZipFile:
    page = ask(chart.client)
    make(chart.hospital, sent)
    assert "Your copy is ready" in chart.page(page)
    return fetch(chart.client, page)


@pytest.mark.security("S65")
def test_the_copy_holds_every_row_of_every_table_of_health_data(rich: Chart, sent: list[str]) -> None:
    copy = made(rich, sent)
    assert copy.testzip() is None
    held = 0
    for said in declarations(Holds.HEALTH, Holds.IDENTITY):
        with inside(rich.hospital):
            count = said.model._default_manager.filter(**{said.patient: rich.patient.id}).count() if said.patient else 0
        if count:
            assert len(rows_of(copy, said.table)) == count, said.label
            held += 1
    assert held > 10, "The chart fills hardly any table: this proves nothing."
    index = copy.read("index.html").decode()
    for name in copy.namelist():
        assert name == "index.html" or f'href="{name}"' in index, name


@pytest.mark.security("S65")
def test_fhir_resources_leave_as_they_came_with_every_digit(alice: Chart, sent: list[str]) -> None:
    resource = result("a", 5.4)
    alice.sync(resource)
    with inside(alice.hospital):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("UPDATE ehr_resource SET body = jsonb_set(body, '{valueQuantity,value}', '5.40') "
                           "WHERE fhir_id = 'a'")  # fmt: skip
    alice.sync(result("a", 5.9, status="corrected"), result("gone"))
    alice.ehr.remove("Observation", "gone") if hasattr(alice.ehr, "remove") else None
    copy = made(alice, sent)
    lines = copy.read("fhir/Observation.ndjson").decode().splitlines()
    assert {json.loads(line)["id"] for line in lines} >= {"a"}
    assert "Patient" in copy.read("fhir/Patient.ndjson").decode()
    earlier = copy.read("data/ehr_resourcehistory.json").decode()
    assert re.search(r'"value": ?5\.40\b', earlier), "an earlier body lost a digit"


def test_the_copy_holds_documents_as_files_under_harmless_names(rich: Chart, sent: list[str]) -> None:
    copy = made(rich, sent)
    files = [name for name in copy.namelist() if name.startswith("files/")]
    assert files
    assert any(copy.read(name).startswith(b"%PDF") for name in files)


@pytest.mark.security("S65")
def test_no_title_of_a_document_becomes_a_path(alice: Chart, sent: list[str]) -> None:
    titles = ["../../etc/passwd", "/root/x", "C:\\windows\\x", "a" * 400, "\u202egnp.exe", "CON", ".", "\x00", "data/a"]
    attachments = [
        {"attachment": {"contentType": "text/plain", "data": "aGVsbG8=", "title": title}} for title in titles
    ]
    alice.sync(of_alice("DocumentReference", "d", status="current", content=attachments))
    copy = made(alice, sent)
    names = copy.namelist()
    assert len([n for n in names if n.startswith("files/")]) == len(titles)
    assert len(set(names)) == len(names)
    for info in copy.infolist():
        assert re.fullmatch(r"(?:(?:data|fhir|files)/)?[A-Za-z0-9][A-Za-z0-9_.-]*", info.filename), info.filename
        assert ".." not in info.filename
        assert info.external_attr >> 16 == 0o600, "neither a link nor a program"


def test_a_file_that_the_source_does_not_give_is_named_and_the_rest_is_there(alice: Chart, sent: list[str]) -> None:
    alice.sync(of_alice("DocumentReference", "d", status="current", content=[
        {"attachment": {"contentType": "application/pdf", "url": "Binary/nowhere", "title": "Letter"}},
        {"attachment": {"contentType": "text/plain", "data": "aGVsbG8=", "title": "Note"}},
    ]))  # fmt: skip
    copy = made(alice, sent)
    assert [copy.read(n) for n in copy.namelist() if n.startswith("files/")] == [b"hello"]
    assert "File 1" in copy.read("index.html").decode()


@pytest.mark.security("S65")
def test_the_copy_says_who_looked_but_not_from_where_others_did(
    alice: Chart, sent: list[str], person: Callable[..., User]
) -> None:
    from foundation.audit import record

    chen = person(alice.hospital, "chen", role="clinician", name="Dr. Chen")
    with inside(alice.hospital):
        record("result.read", by=signin.actor_of(chen), patient_id=alice.patient.id)
        AuditEvent.objects.filter(actor_id=chen.id).count()
    copy = made(alice, sent)
    theirs = [row for row in rows_of(copy, "audit_event") if row["actor_name"] == "Dr. Chen"]
    assert theirs
    assert not {"address", "agent", "actor_id"} & theirs[0].keys()
    assert "Dr. Chen" in copy.read("who-looked.html").decode()


@pytest.mark.security("S65")
def test_no_secret_of_the_account_is_in_the_copy(alice: Chart, sent: list[str]) -> None:
    copy = made(alice, sent)
    everything = b"".join(copy.read(name) for name in copy.namelist())
    with inside(alice.hospital):
        user = User.objects.get(pk=alice.user.pk)
        secrets = [user.password, *Session.objects.values_list("digest", flat=True)]
        secrets += [app.sealed_seed for app in user.authenticatorapp_set.all()]
    assert len(secrets) > 2
    assert not [secret for secret in secrets if secret.encode() in everything]
    assert b"alice" in everything


@pytest.mark.security("S65")
@pytest.mark.security("S1")
def test_the_copy_holds_nothing_of_anybody_else(
    rich: Chart, sent: list[str], person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    bodies = {
        "resourceType": "Patient", "id": "eve", "name": [{"given": ["CANARY-EVE"], "family": "CANARY-EVE"}]
    }  # fmt: skip
    observed = {**result("eves"), "subject": {"reference": "Patient/eve"}, "code": {"text": "CANARY-EVE"}}
    rich.sync(bodies, observed)
    with inside(rich.hospital):
        assert Result.objects.filter(title="CANARY-EVE").exists()
    copy = made(rich, sent)
    assert not [name for name in copy.namelist() if b"CANARY-EVE" in copy.read(name)]


def test_staff_get_a_copy_of_their_own_account_and_no_patients(
    alice: Chart, sent: list[str], person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    from foundation.audit import record

    chen = person(alice.hospital, "chen", role="clinician", name="Dr. Chen")
    with inside(alice.hospital):
        record("result.read", by=signin.actor_of(chen), patient_id=alice.patient.id, target=("result", "x1"))
    browser = client_for(alice.hospital, chen)
    page = ask(browser)
    make(alice.hospital, sent)
    copy = fetch(browser, page)
    everything = b"".join(copy.read(name) for name in copy.namelist())
    assert b"Dr. Chen" in everything
    assert str(alice.patient.id).encode() not in everything
    assert b"Moreno" not in everything
    assert not [name for name in copy.namelist() if name.startswith(("fhir/", "files/"))]


@pytest.mark.security("S65")
def test_the_copy_can_be_downloaded_once(alice: Chart, sent: list[str]) -> None:
    page = ask(alice.client)
    make(alice.hospital, sent)
    with inside(alice.hospital):
        key = DataCopy.objects.get().file_key
        assert len(key) > 43
    assert fetch(alice.client, page).namelist()
    assert alice.client.post(f"{page}file/").status_code == 404
    assert "You have downloaded this copy" in alice.page(page)
    with inside(alice.hospital):
        assert not hospital_files().exists(key)
        event = AuditEvent.objects.get(kind="data.copy_fetched", outcome="success", actor_id=alice.user.id)
        assert (event.patient_id, event.actor_id) == (alice.patient.id, alice.user.id)
        assert event.item_count
    assert alice.client.get(f"{page}file/").status_code == 405, "a link that is only looked at spends nothing"


@pytest.mark.security("S65")
def test_the_copy_expires(alice: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    page = ask(alice.client)
    make(alice.hospital, sent)
    later = clock.now() + timedelta(hours=settings.PORTICO_DATA_COPY_HOURS, seconds=1)
    monkeypatch.setattr("portal.personal.queries.now", lambda: later)
    assert "This copy is gone" in alice.page(page)
    assert alice.client.post(f"{page}file/").status_code == 404
    monkeypatch.setattr("portal.personal.tidying.now", lambda: later)
    with inside(alice.hospital):
        key = DataCopy.objects.get().file_key
        assert tidy(by=BY) == 1
        assert not hospital_files().exists(key)
        assert DataCopy.objects.get().state == "gone"


def test_a_new_copy_takes_the_place_of_the_one_that_lay_ready(
    alice: Chart, sent: list[str], on_commit_now: None
) -> None:
    first = ask(alice.client)
    make(alice.hospital, sent)
    with inside(alice.hospital):
        key = DataCopy.objects.get().file_key
    second = ask(alice.client)
    make(alice.hospital, sent)
    with inside(alice.hospital):
        assert not hospital_files().exists(key)
    assert "This copy is gone" in alice.page(first)
    assert fetch(alice.client, second).namelist()


def test_rows_go_after_years(alice: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    ask(alice.client)
    later = clock.now() + timedelta(days=settings.PORTICO_DATA_REQUEST_DAYS, seconds=1)
    monkeypatch.setattr("portal.personal.tidying.now", lambda: later)
    with inside(alice.hospital):
        tidy(by=BY)
        assert not DataCopy.objects.exists()


def test_each_hospital_is_tidied_in_a_task_of_its_own(
    mercy: HospitalRecord, riverside: HospitalRecord, on_commit_now: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.personal import tasks

    sent: list[str] = []
    monkeypatch.setattr(tasks.tidy_here, "send", lambda hospital, **_: sent.append(hospital.slug))
    tidy_everywhere()
    assert sorted(sent) == ["mercy", "riverside"]


@pytest.mark.security("S65")
@pytest.mark.security("S37")
def test_the_second_step_is_asked_again_before_the_download(
    alice: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(alice.client)
    make(alice.hospital, sent)
    later = clock.now() + signin.PROOF_FRESH_FOR
    monkeypatch.setattr(signin, "now", lambda: later)
    assert "/account/confirm/?next=" in alice.page(page)
    answer = alice.client.post(f"{page}file/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/confirm/?next=")
    with inside(alice.hospital):
        assert DataCopy.objects.get().state == "ready", "nothing was spent"


@pytest.mark.security("S65")
@pytest.mark.security("S10")
def test_nobody_else_opens_or_fetches_the_copy(
    alice: Chart, sent: list[str], person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    page = ask(alice.client)
    make(alice.hospital, sent)
    others = [
        person(alice.hospital, "ben", patient=alice.patient),
        person(alice.hospital, "chen", role="clinician"),
        person(alice.hospital, "ada", role="admin"),
    ]
    for other in others:
        browser = client_for(alice.hospital, other)
        assert browser.get(page).status_code == 404
        assert browser.post(f"{page}file/").status_code == 404
    assert client_for(alice.hospital).post(f"{page}file/").status_code == 302
    assert "Your copy is ready" in alice.page(page)


@pytest.mark.security("S10")
def test_a_key_leads_nowhere_in_another_hospital(alice: Chart, riverside: HospitalRecord, sent: list[str]) -> None:
    ask(alice.client)
    make(alice.hospital, sent)
    with inside(alice.hospital):
        key = DataCopy.objects.get().file_key
        assert hospital_files().exists(key)
    with inside(riverside):
        assert not hospital_files().exists(key)
        assert not DataCopy.objects.exists()
        make_copy(copy_id=sent[-1])
        assert not DataCopy.objects.exists()


def test_who_lost_the_right_gets_no_copy(alice: Chart, sent: list[str]) -> None:
    page = ask(alice.client)
    with inside(alice.hospital):
        end_grant(by=BY, user=alice.user, patient=alice.patient)
    make(alice.hospital, sent)
    with inside(alice.hospital):
        found = DataCopy.objects.get()
        assert (found.state, found.fault) == ("failed", "rights")
    assert alice.client.get(page).status_code == 404


def test_a_page_counts_the_parts_while_the_copy_is_made(alice: Chart, sent: list[str]) -> None:
    page = ask(alice.client)
    assert "It starts in a moment" in alice.page(page)
    with inside(alice.hospital):
        DataCopy.objects.update(state="making", parts_ready=5, parts=40)
    shown = alice.page(page)
    assert "5 of 40 parts are ready" in shown
    assert 'http-equiv="refresh"' in shown
    assert ask(alice.client) == page, "asking again while one is made shows that one"
    assert len(sent) == 1


def test_a_failure_is_said_with_its_reason_and_can_be_tried_again(
    alice: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError("no disk")

    monkeypatch.setattr(job, "_fill", broken)
    page = ask(alice.client)
    make(alice.hospital, sent)
    shown = alice.page(page)
    assert "Your copy was not made" in shown
    assert "Something went wrong on our side." in shown
    monkeypatch.undo()
    monkeypatch.setattr(make_copy, "send", lambda hospital, **arguments: sent.append(arguments["copy_id"]))
    again = ask(alice.client)
    assert again != page


def test_a_queue_that_does_not_answer_is_said_at_once(alice: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*_: Any, **__: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(make_copy, "send", send)
    assert "does not answer" in alice.page(ask(alice.client))


@pytest.mark.security("S51")
@pytest.mark.security("S65")
def test_a_copy_whose_event_cannot_be_written_is_not_handed_out(
    alice: Chart, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(alice.client)
    make(alice.hospital, sent)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr("foundation.audit.trail.write", broken)
    answer = alice.client.post(f"{page}file/")
    assert answer.status_code >= 500
    monkeypatch.undo()
    assert "Your copy is ready" in alice.page(page)


def test_a_large_record_takes_no_more_memory_than_a_small_one(alice: Chart, sent: list[str]) -> None:
    def peak() -> int:
        ask(alice.client)
        tracemalloc.start()
        try:
            make(alice.hospital, sent)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    alice.sync(*(result(f"r{n}") for n in range(20)))
    peak()
    small = peak()
    with inside(alice.hospital):
        one = Result.objects.first()
        assert one is not None
        template = {f.attname: getattr(one, f.attname) for f in Result._meta.concrete_fields if f.attname != "id"}
        Result.objects.bulk_create(
            [Result(**{**template, "interpretation": f"{n} " + "x" * 2000}) for n in range(8000)], batch_size=1000
        )
    assert peak() - small < 6_000_000, "16 MB of rows went through memory"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_index_speaks_the_persons_language(alice: Chart, sent: list[str], language: str) -> None:
    with inside(alice.hospital):
        User.objects.filter(pk=alice.user.pk).update(language=language)
    index = made_in(alice, sent).read("index.html").decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in index
    assert "<script" not in index


def made_in(chart: Chart, sent: list[str]) -> zipfile.ZipFile:
    page = ask(chart.client)
    make(chart.hospital, sent)
    return fetch(chart.client, page)

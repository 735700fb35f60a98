"""What must end, ends: sessions of a shut hospital, files of a deleted one, old links, guesses, copies of a record."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.test import Client

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.errors import NotFound, TooMany
from foundation.storage import forget_files, hospital_files, new_key, sweep
from foundation.tenancy import HospitalRecord, inside, inside_public
from portal.access.models import Patient
from portal.accounts import throttle
from portal.accounts.actions import choose_password, confirm_app, issue_link
from portal.accounts.models import AuthenticatorApp, OneTimeLink, Session
from portal.accounts.queries import open_link
from portal.records.models import RecordExport
from portal.records.models.exports import LIFE
from tenants.actions import set_status
from tests.people import PASSWORD
from tests.portal.accounts.codes import NOON, code_at

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
BY = Actor.command("tests")
PDF = b"%PDF-1.7 CANARY"


@pytest.mark.security("S12")
def test_who_was_signed_in_at_a_shut_hospital_is_not_when_it_opens_again(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: Browsers, person: People
) -> None:
    browser = client_for(mercy, person(mercy, "alice"))
    elsewhere = client_for(riverside, person(riverside, "alice"))
    assert browser.get("/account/").status_code == 200
    set_status(by=BY, slug="mercy", status="suspended")
    for address in ("/", "/account/", "/sign-in/", "/records/", "/no-such-page/", "/link/abc/"):
        answer = browser.get(address)
        assert answer.status_code == 503, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
    set_status(by=BY, slug="mercy", status="live")
    assert browser.get("/account/").headers["Location"].startswith("/sign-in/")
    assert elsewhere.get("/account/").status_code == 200
    with inside(mercy):
        assert not Session.objects.exclude(user=None).exists()
        assert AuditEvent.objects.filter(kind="person.sessions_ended", reason="suspended", item_count=1).exists()


@pytest.mark.security("S3")
def test_an_unknown_host_is_answered_with_the_strictest_headers(database: None) -> None:
    for address in ("/", "/static/ds/portico.css", "/theme/x.css", "/robots.txt", "/records/"):
        answer = Client(SERVER_NAME="nobody.localhost").get(address)
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.security("S44")
def test_a_new_password_or_a_second_step_ends_every_link_that_was_sent_before(
    mercy: HospitalRecord, person: People
) -> None:
    user = person(mercy, "alice")
    with inside(mercy):
        welcome = issue_link(by=BY, user=user, purpose=OneTimeLink.Purpose.WELCOME)
        reset = issue_link(by=BY, user=user, purpose=OneTimeLink.Purpose.RESET)
        choose_password(by=BY, link=open_link(reset), password="another battery staple")
        with pytest.raises(NotFound):
            open_link(welcome)
        welcome = issue_link(by=BY, user=user, purpose=OneTimeLink.Purpose.WELCOME)
        device = AuthenticatorApp.objects.get(user=user)
        AuthenticatorApp.objects.update(confirmed=False)
        with time_machine.travel(NOON, tick=False):
            confirm_app(by=BY, user=user, device=device, token=code_at(NOON))
        with pytest.raises(NotFound):
            open_link(welcome)


@pytest.mark.security("S41")
def test_a_browser_found_signed_in_is_no_place_to_guess_the_password(
    mercy: HospitalRecord, client_for: Browsers, person: People
) -> None:
    user = person(mercy, "alice")
    browser = client_for(mercy, user)
    typed = {"old_password": "wrong", "new_password": "another battery staple"}
    statuses = [browser.post("/account/password/", typed).status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert browser.post("/account/password/", {**typed, "old_password": PASSWORD}).status_code == 429
    with inside(mercy):
        refused = AuditEvent.objects.filter(kind="password.changed", outcome="refused", reason="old_password")
        assert refused.count() == 10
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


@pytest.mark.security("S41")
def test_a_right_password_does_not_count_as_a_guess(
    mercy: HospitalRecord, client_for: Browsers, person: People
) -> None:
    browser = client_for(mercy, person(mercy, "alice"))
    for _ in range(15):
        typed = {"old_password": PASSWORD, "new_password": "short"}
        assert browser.post("/account/password/", typed).status_code == 200


@pytest.mark.security("S41")
def test_one_subscribers_many_ipv6_addresses_are_one(in_mercy: HospitalRecord) -> None:
    for number in range(throttle.PER_NAME_AND_ADDRESS):
        throttle.take_guess("alice", f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        throttle.take_guess("alice", "2001:db8:1:2:ffff::1")
    throttle.take_guess("alice", "2001:db8:1:3::1")
    throttle.take_guess("alice", "192.0.2.1")
    throttle.take_guess("alice", None)


@pytest.mark.security("S74")
@pytest.mark.parametrize(
    "code", ["²²²²²²", "①②③④⑤⑥", "１２３４５６", "١٢٣٤٥٦", "12345\x00", "-12345", "1e5000", "𝟙" * 6]
)
def test_odd_digits_are_a_wrong_code_and_no_error(
    mercy: HospitalRecord, client_for: Browsers, person: People, code: str
) -> None:
    browser = client_for(mercy, person(mercy, "alice"), verified=False)
    for address in ("/sign-in/code/", "/sign-in/recovery-code/", "/set-up/"):
        assert browser.post(address, {"code": code}).status_code in {200, 302}, address


def a_copy(hospital: HospitalRecord, user: Any, patient: Patient, **more: Any) -> RecordExport:
    with inside(hospital):
        key = hospital_files().save(new_key("exports", ".pdf"), ContentFile(PDF))
        given = {"state": RecordExport.State.READY, "file_key": key, "size": len(PDF), "ready_at": now(), **more}
        return RecordExport.objects.create(user=user, patient=patient, **given)


def patient_of(hospital: HospitalRecord, fhir_id: str) -> Patient:
    with inside(hospital):
        return Patient.objects.create(fhir_id=fhir_id, name=fhir_id, given_name=fhir_id)


@pytest.mark.security("S10")
def test_a_copy_of_a_record_opens_for_its_owner_alone_and_for_a_day(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: Browsers, person: People, settings: LazySettings,
    tmp_path: Path,
) -> None:  # fmt: skip
    settings.PORTICO_FILES = tmp_path
    patient = patient_of(mercy, "p1")
    alice = person(mercy, "alice", patient=patient)
    copy = a_copy(mercy, alice, patient)
    address = f"/records/download/{copy.id}/file/"
    answer = client_for(mercy, alice).get(address)
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    others = [
        client_for(mercy),
        client_for(mercy, alice, verified=False),
        client_for(mercy, person(mercy, "ben", patient=patient_of(mercy, "p2"))),
        client_for(mercy, person(mercy, "zoe", patient=patient)),  # may open the record, and did not ask for this copy
        client_for(mercy, person(mercy, "ada", role="admin")),
        client_for(mercy, person(mercy, "chen", role="clinician")),
        client_for(riverside, person(riverside, "alice", patient=patient_of(riverside, "p1"))),
    ]
    for browser in others:
        for page in (address, f"/records/download/{copy.id}/"):
            assert browser.get(page).status_code in {302, 403, 404}
    with inside(mercy):
        RecordExport.objects.filter(id=copy.id).update(ready_at=now() - LIFE - timedelta(seconds=1))
    assert client_for(mercy, alice).get(address).status_code == 404


@pytest.mark.security("S10", "P25")
def test_a_copys_file_is_its_owners_on_the_disk_under_a_name_nobody_guesses(
    mercy: HospitalRecord, person: People, settings: LazySettings, tmp_path: Path
) -> None:
    settings.PORTICO_FILES = tmp_path / "files"
    patient = patient_of(mercy, "p1")
    copy = a_copy(mercy, person(mercy, "alice", patient=patient), patient)
    file = tmp_path / "files" / mercy.schema_name / copy.file_key
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert len(file.stem) >= 43
    assert str(copy.id) not in copy.file_key


@pytest.mark.security("S12")
def test_old_copies_go_in_suspended_hospitals_too_and_with_a_deleted_one_all(
    mercy: HospitalRecord, riverside: HospitalRecord, person: People, settings: LazySettings, tmp_path: Path
) -> None:
    settings.PORTICO_FILES = tmp_path
    files = {}
    for hospital in (mercy, riverside):
        patient = patient_of(hospital, "p1")
        copy = a_copy(hospital, person(hospital, "alice", patient=patient), patient)
        files[hospital.slug] = tmp_path / hospital.schema_name / copy.file_key
    set_status(by=BY, slug="mercy", status="suspended")
    assert sweep("exports", older_than=LIFE) == 0
    old = (now() - LIFE - timedelta(minutes=1)).timestamp()
    os.utime(files["mercy"], (old, old))
    with inside_public():
        assert sweep("exports", older_than=LIFE) == 1
    assert not files["mercy"].exists()
    forget_files(riverside.schema_name)
    assert not (tmp_path / riverside.schema_name).exists()

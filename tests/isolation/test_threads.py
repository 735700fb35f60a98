"""Eight threads, two hospitals, one process: no request, stream or task ever sees the other hospital's row."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.storage import hospital_files, new_key
from foundation.tasks import hospital_task, ticket
from foundation.tenancy import HospitalRecord, current_schema, inside, standing
from portal.access.models import Patient
from portal.records.models import RecordExport
from tenants.queries import hospital_by_slug
from tests.isolation.routes import body
from tests.people import make_person, sign_in

BY = Actor.command("tests")
THREADS = 8
REQUESTS = 5_000
SOAKED = int(os.environ.get("SOAK_REQUESTS", "100000"))
NAMES = {"mercy": "Alice CANARYMERCY", "riverside": "Alice CANARYRIVERSIDE"}
read_by_tasks: list[tuple[str, str]] = []


@hospital_task(name="tests.isolation.reads")
def reading_task(*, slug: str) -> None:
    """Reads and writes as tasks do: a row of where it stands, and an event."""
    from foundation import audit

    name = Patient.objects.get(fhir_id="twin").name
    audit.record("hospital.changed", by=BY, target=("task", slug))
    read_by_tasks.append((slug, f"{current_schema()} {name}"))


@dataclass(frozen=True)
class Place:
    """One of the two: who is signed in there, and the address of a file of theirs."""

    hospital: HospitalRecord
    browser: Client
    file: str


def set_up(slug: str, name: str) -> Place:
    hospital = hospital_by_slug(slug)
    assert hospital is not None
    canary = name.split()[1]
    with inside(hospital):
        patient = Patient.objects.create(fhir_id="twin", name=name, given_name=canary)
    user = make_person(hospital, "twin", name=name, given_name=canary, patient=patient)
    with inside(hospital):
        content = f"%PDF-1.7 {canary} ".encode() * 20_000  # some blocks of a stream
        key = hospital_files().save(new_key("exports", ".pdf"), ContentFile(content))
        made = {"state": RecordExport.State.READY, "file_key": key, "size": len(content), "ready_at": now()}
        copy = RecordExport.objects.create(user=user, patient=patient, **made)
    browser = Client(SERVER_NAME=hospital.host, raise_request_exception=False)
    sign_in(browser, hospital, user)
    return Place(hospital, browser, f"/records/download/{copy.pk}/file/")


@pytest.fixture
def places(lasting_database: None, settings: LazySettings, tmp_path: Path) -> Iterator[dict[str, Place]]:
    """A browser at each hospital, of people with the same username."""
    settings.PORTICO_FILES = tmp_path
    read_by_tasks.clear()
    made = {slug: set_up(slug, name) for slug, name in NAMES.items()}
    yield made
    for place in made.values():
        with inside(place.hospital), connection.cursor() as cursor:
            cursor.execute("DELETE FROM records_recordexport")
            cursor.execute("DELETE FROM access_patientuserobjectpermission")
            cursor.execute("DELETE FROM accounts_session")
            cursor.execute("DELETE FROM accounts_authenticatorapp")
            cursor.execute("DELETE FROM accounts_user WHERE username = 'twin'")
            cursor.execute("DELETE FROM access_patient WHERE fhir_id = 'twin'")


def browser_at(place: Place) -> Client:
    browser = Client(SERVER_NAME=place.hospital.host, raise_request_exception=False)
    browser.cookies = place.browser.cookies
    return browser


def a_page(place: Place) -> bytes:
    answer = browser_at(place).get("/account/")
    return body(answer) if answer.status_code == 200 else f"{answer.status_code}".encode()


def a_record(place: Place) -> bytes:
    """A page of health data, with its event. It greets nobody by name: the hospital's name is the mark."""
    answer = browser_at(place).get("/records/")
    said = body(answer)
    mine = place.hospital.slug.upper().encode()
    return b"CANARY" + mine if answer.status_code == 200 and place.hospital.name.encode() in said else said[:100]


def a_stream(place: Place) -> bytes:
    answer = browser_at(place).get(place.file)
    return body(answer) if answer.status_code == 200 else f"{answer.status_code}".encode()


def a_write(place: Place) -> bytes:
    answer = browser_at(place).post("/account/appearance/", {"appearance": "dark"}, follow=True)
    return body(answer) if answer.status_code == 200 else f"{answer.status_code}".encode()


def a_task(place: Place) -> bytes:
    given = {"slug": place.hospital.slug}
    token = ticket(place.hospital, reading_task.name, given)
    reading_task.task.apply(kwargs={"hospital": token, "arguments": given}, throw=True)
    return b"CANARY" + place.hospital.slug.upper().encode()


MIX: tuple[Callable[[Place], bytes], ...] = (a_page, a_stream, a_record, a_task, a_page, a_write, a_record, a_stream)


def work_through(places: dict[str, Place], requests: int) -> Counter[str]:
    """Asks this often, by eight threads, in turn at both. What was done, by its kind; fails at a wrong row."""
    wrong: list[str] = []
    done: Counter[str] = Counter()
    counting = threading.Lock()

    def work(number: int) -> None:
        try:
            for turn in range(requests // THREADS):
                mine, other = ("mercy", "riverside") if (number + turn // 3) % 2 else ("riverside", "mercy")
                ask = MIX[(number + turn) % len(MIX)]
                seen = ask(places[mine])
                own, foreign = f"CANARY{mine.upper()}".encode(), f"CANARY{other.upper()}".encode()
                if own not in seen or foreign in seen or standing() is not None:
                    wrong.append(f"{ask.__name__} at {mine}: {seen[:80]!r}")
                with counting:
                    done[ask.__name__] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, (len(wrong), wrong[:5])
    for slug, read in read_by_tasks:
        assert read == f"{places[slug].hospital.schema_name} {NAMES[slug]}"
    for slug, place in places.items():
        with inside(place.hospital):
            found = set(AuditEvent.objects.filter(target_type="task").values_list("target_id", flat=True))
        assert found == {slug}
    return done


@pytest.mark.security("S9")
@pytest.mark.security("S1")
def test_threads_that_serve_two_hospitals_mix_no_row(places: dict[str, Place]) -> None:
    done = work_through(places, REQUESTS)
    assert done.total() == REQUESTS
    assert set(done) == {"a_page", "a_record", "a_stream", "a_task", "a_write"}


@pytest.mark.soak
@pytest.mark.security("S9")
def test_a_hundred_thousand_requests_mix_no_row(places: dict[str, Place]) -> None:
    assert work_through(places, SOAKED).total() >= SOAKED - THREADS


@pytest.mark.security("S9")
def test_threads_that_write_leave_each_row_in_its_own_hospital(lasting_database: None) -> None:
    """Raw writes and reads under both hospitals in turn, rollbacks among them."""
    from django.db import transaction

    from foundation import audit

    hospitals = [hospital_by_slug(slug) for slug in NAMES]
    wrong: list[str] = []

    def work(number: int) -> None:
        try:
            for turn in range(60):
                hospital = hospitals[(number + turn) % 2]
                assert hospital is not None
                with inside(hospital):
                    if turn % 3 == 0:
                        with transaction.atomic():
                            audit.record("hospital.changed", by=BY, target=("thread", hospital.slug))
                            transaction.set_rollback(True)
                    audit.record("hospital.changed", by=BY, target=("thread", hospital.slug))
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT current_schema()")
                        if cursor.fetchone()[0] != hospital.schema_name:
                            wrong.append(hospital.slug)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    for hospital in hospitals:
        assert hospital is not None
        with inside(hospital):
            found = set(AuditEvent.objects.filter(target_type="thread").values_list("target_id", flat=True))
        assert found == {hospital.slug}

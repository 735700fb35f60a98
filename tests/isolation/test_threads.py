"""Eight threads, two hospitals, one process: no request ever sees the other hospital's row."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from tenants.queries import hospital_by_slug
from tests.people import make_person, sign_in

BY = Actor.command("tests")
THREADS = 8
REQUESTS = 500
NAMES = {"mercy": "Alice CANARYMERCY", "riverside": "Alice CANARYRIVERSIDE"}


@pytest.fixture
def signed_in(lasting_database: None) -> Iterator[dict[str, Client]]:
    """A browser at each hospital, of people with the same username and the same keys."""
    browsers: dict[str, Client] = {}
    hospitals: list[tuple[HospitalRecord, Patient]] = []
    for slug, name in NAMES.items():
        hospital = hospital_by_slug(slug)
        assert hospital is not None
        with inside(hospital):
            patient = Patient.objects.create(fhir_id="twin", name=name, given_name=name.split()[1])
        user = make_person(hospital, "twin", name=name, given_name=name.split()[1], patient=patient)
        browsers[slug] = Client(SERVER_NAME=hospital.host, raise_request_exception=False)
        sign_in(browsers[slug], hospital, user)
        hospitals.append((hospital, patient))
    yield browsers
    for hospital, patient in hospitals:
        with inside(hospital), connection.cursor() as cursor:
            cursor.execute("DELETE FROM access_patientuserobjectpermission")
            cursor.execute("DELETE FROM accounts_session")
            cursor.execute("DELETE FROM accounts_authenticatorapp")
            cursor.execute("DELETE FROM accounts_user WHERE username = 'twin'")
            cursor.execute("DELETE FROM access_patient WHERE id = %s", [patient.pk])


@pytest.mark.security("S9")
def test_threads_that_serve_two_hospitals_mix_no_row(signed_in: dict[str, Client]) -> None:
    wrong: list[str] = []
    right = [0] * THREADS

    def work(number: int) -> None:
        try:
            for turn in range(REQUESTS):
                mine, other = ("mercy", "riverside") if (number + turn) % 2 else ("riverside", "mercy")
                browser = Client(SERVER_NAME=f"{mine}.localhost", raise_request_exception=False)
                browser.cookies = signed_in[mine].cookies
                answer = browser.get("/account/")
                own, foreign = f"CANARY{mine.upper()}".encode(), f"CANARY{other.upper()}".encode()
                if answer.status_code != 200 or own not in answer.content or foreign in answer.content:
                    wrong.append(f"{mine}: {answer.status_code}")
                else:
                    right[number] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:5]
    assert sum(right) == THREADS * REQUESTS


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

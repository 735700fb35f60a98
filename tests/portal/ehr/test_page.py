"""The admin's page: state, runs, counts and reasons, and nothing clinical; the tasks behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.registry import schedule
from foundation.tenancy import HospitalRecord, inside, inside_public
from portal.access.models import Patient
from portal.ehr import tasks
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection, Resource, SyncRun
from portal.ehr.queries import freshness
from portal.ehr.sync import synchronise
from tenants.actions import set_status
from tests.portal.ehr.charts import hospital, patient, result
from tests.portal.ehr.conftest import BY, Recorder, connect_memory

type ClientFor = Callable[..., Client]


@pytest.fixture
def ada(mercy: HospitalRecord, client_for: ClientFor, person: Callable[..., Any]) -> Client:
    return client_for(mercy, person(mercy, "ada", role="admin"))


def body(client: Client) -> str:
    answer = client.get("/connection/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_hospital_without_a_connection_has_its_page(ada: Client) -> None:
    assert "Not connected yet" in body(ada)
    answer = ada.post("/connection/sync/", follow=True)
    assert "not connected" in answer.content.decode()


def test_the_page_shows_counts_and_reasons_and_no_content(
    mercy: HospitalRecord, ada: Client, ehr: MemoryEHR, recorder: Recorder
) -> None:
    recorder.keep = lambda row: "it has no code" if row.fhir_id == "p0-r0" else ""
    ehr.put_all(hospital())
    with inside(mercy):
        connect_memory()
        synchronise(by=BY)
    page = body(ada)
    for words in ("The connection works", "Observation", "p0-r0", "it has no code", "Done"):
        assert words in page
    for secret in ("Hemoglobin", "Family0", "Asthma", "0.5"):
        assert secret not in page
    with inside(mercy):
        assert AuditEvent.objects.filter(kind="connection.viewed", actor_name="Ada").exists()


def test_the_page_names_what_is_missing_and_why_the_last_run_failed(
    mercy: HospitalRecord, ada: Client, ehr: MemoryEHR, recorder: Recorder
) -> None:
    ehr.put_all(hospital())
    ehr.failing["Condition"] = "forbidden"
    with inside(mercy):
        connect_memory()
        synchronise(by=BY)
    assert "The server does not allow this" in body(ada)
    ehr.failing["*"] = "tls"
    with inside(mercy):
        synchronise(by=BY)
    page = body(ada)
    assert "The last synchronization failed" in page
    assert "certificate" in page


@pytest.mark.parametrize("role", ["patient", "clinician"])
def test_only_an_admin_sees_it(
    mercy: HospitalRecord, client_for: ClientFor, person: Callable[..., Any], role: str
) -> None:
    client = client_for(mercy, person(mercy, "somebody", role=role))
    assert client.get("/connection/").status_code in {403, 404}
    assert client.post("/connection/sync/").status_code in {403, 404}


@pytest.mark.usefixtures("on_commit_now")
def test_synchronise_now_asks_for_a_run(mercy: HospitalRecord, ada: Client, ehr: MemoryEHR, recorder: Recorder) -> None:
    ehr.put_all(hospital())
    with inside(mercy):
        connect_memory()
    assert "asked for" in ada.post("/connection/sync/", follow=True).content.decode()
    with inside(mercy):
        assert SyncRun.objects.get().state == SyncRun.State.DONE


def test_synchronise_now_wants_a_post(ada: Client) -> None:
    assert ada.get("/connection/sync/").status_code == 405


@pytest.mark.usefixtures("on_commit_now")
def test_the_scheduler_synchronises_live_hospitals_and_skips_suspended_ones(
    mercy: HospitalRecord, riverside: HospitalRecord, ehr: MemoryEHR, recorder: Recorder
) -> None:
    ehr.put_all(hospital())
    for where in (mercy, riverside):
        with inside(where):
            connect_memory()
    set_status(by=BY, slug="riverside", status="suspended")
    with inside_public():
        tasks.synchronise_hospitals()
    with inside(mercy):
        assert SyncRun.objects.count() == 1
    with inside(riverside):
        assert SyncRun.objects.count() == 0
    assert schedule.get("ehr.synchronise").task == tasks.synchronise_hospitals.name


def test_a_task_that_waited_behind_another_has_nothing_to_do(
    connected: Connection, ehr: MemoryEHR, recorder: Recorder
) -> None:
    ehr.put_all(hospital())
    tasks.sync_connection()
    tasks.sync_connection()
    assert SyncRun.objects.count() == 1
    tasks.sync_connection(asked=True)
    assert SyncRun.objects.count() == 2


def test_freshness_has_a_word_for_each_state(in_mercy: HospitalRecord, ehr: MemoryEHR, recorder: Recorder) -> None:
    assert freshness().state == "none"
    connect_memory()
    assert freshness().state == "never"
    ehr.put_all(hospital())
    synchronise(by=BY)
    who = Patient.objects.get(fhir_id="p0")
    assert freshness(who.id).state == "fresh"
    stranger = Patient.objects.create(fhir_id="unknown", name="Somebody")
    assert freshness(stranger.id).state == "never"
    three_days = now() - timedelta(days=3, minutes=1)
    Connection.objects.update(last_success_at=three_days)
    who.sync_progress.update(synced_at=three_days)
    found = freshness(who.id)
    assert (found.state, found.as_of) == ("stale", three_days)


@pytest.mark.security("S1")
def test_the_same_ids_in_two_hospitals_never_mix(
    mercy: HospitalRecord, riverside: HospitalRecord, recorder: Recorder
) -> None:
    for where, canary in ((mercy, "CANARY-A"), (riverside, "CANARY-B")):
        address = f"memory://{where.slug}-same"
        MemoryEHR.forget(address)
        MemoryEHR.at(address).put_all([patient(family=canary), result("r1", note=[{"text": canary}])])
        with inside(where):
            connect_memory(address)
            synchronise(by=BY)
            synchronise(by=BY, full=True)
    for where, canary in ((mercy, "CANARY-A"), (riverside, "CANARY-B")):
        with inside(where):
            assert Patient.objects.get().family_name == canary
            texts = [str(row.body) for row in Resource.objects.all()]
            assert len(texts) == 2
            assert all(canary in text for text in texts)
        MemoryEHR.forget(f"memory://{where.slug}-same")

"""`hospital connect` and `hospital sync`: each step shown, each failure a sentence with its cause and its fix."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from foundation.audit.models import AuditEvent
from foundation.crypto import Sealed
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.ehr.connecting import private_networks
from portal.ehr.models import Connection, Resource, ResourceHistory, SyncRun
from tests.portal.ehr.charts import patient, result
from tests.portal.ehr.conftest import Recorder
from tests.portal.ehr.fake import Fake, Say, bundle, faking, outcome
from tests.sandbox import SandboxEhr, sandbox_ehr

__all__ = ["sandbox_ehr"]
PRIVATE = "127.0.0.0/8"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("hospital", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faking() as made:
        made.answers["Patient"] = lambda ask: Say(bundle(patient()))
        made.answers["Patient/alice"] = lambda ask: Say(patient())
        made.answers["Observation"] = lambda ask: Say(bundle(result("r1"), result("r2")))
        yield made


def smart(ehr: SandboxEhr) -> list[str]:
    return ["--base-url", ehr.base_url, "--auth", "smart", "--client-id", ehr.client_id, "--key", str(ehr.key_file),
            "--allow-private", PRIVATE]  # fmt: skip


def test_connecting_and_synchronising_the_sandbox(
    mercy: HospitalRecord, sandbox_ehr: SandboxEhr, recorder: Recorder
) -> None:
    said = run("connect", "mercy", *smart(sandbox_ehr))
    assert said.count("ok  ") == 5
    assert "Mercy General Hospital is connected" in said
    said = run("sync", "mercy")
    assert "Observation" in said
    with inside(mercy):
        people = {row["id"] for row in _all(sandbox_ehr, "Patient")}
        assert set(Patient.objects.values_list("fhir_id", flat=True)) == people
        for kind in ("Observation", "Condition", "CareTeam", "DocumentReference", "Appointment"):
            theirs = {row["id"] for row in _all(sandbox_ehr, kind)}
            assert set(Resource.objects.filter(type=kind).values_list("fhir_id", flat=True)) == theirs, kind
        kinds = set(AuditEvent.objects.values_list("kind", flat=True))
        assert {"connection.stored", "sync.started", "sync.finished", "record.synchronised"} <= kinds
    assert "0 " in run("sync", "mercy")


def _all(ehr: SandboxEhr, kind: str) -> list[dict[str, Any]]:
    return [
        entry["resource"]
        for entry in ehr.get(kind, _count="1000").get("entry", [])
        if entry["resource"]["resourceType"] == kind
    ]


def test_a_new_a_changed_and_a_withdrawn_result_come_out_right_after_the_next_run(
    mercy: HospitalRecord, sandbox_ehr: SandboxEhr, recorder: Recorder
) -> None:
    """Show 6, over HTTP and by increments."""
    who = "p1001"
    before = [{**result(f"show-{n}", who), "performer": []} for n in range(3)]
    for resource in before:
        del resource["performer"]
        sandbox_ehr.put(resource)
    run("connect", "mercy", *smart(sandbox_ehr))
    run("sync", "mercy")
    assert {("Observation", f"show-{n}") for n in range(3)} <= set(recorder.shown)
    sandbox_ehr.put({**before[0], "id": "show-new"})
    sandbox_ehr.put({**before[1], "status": "corrected", "valueQuantity": {"value": 9.9, "unit": "%"}})
    sandbox_ehr.put({**before[2], "status": "entered-in-error"})
    sandbox_ehr.delete("Observation", "show-0")
    run("sync", "mercy")
    with inside(mercy):
        assert SyncRun.objects.latest("started_at").mode == SyncRun.Mode.CHANGES
        assert ResourceHistory.objects.count() == 2
        assert Resource.objects.get(fhir_id="show-2").body["status"] == "entered-in-error"
    assert ("Observation", "show-new") in recorder.shown
    assert ("Observation", "show-2") not in recorder.shown
    assert float(recorder.shown["Observation", "show-1"]["valueQuantity"]["value"]) == 9.9
    assert ("Observation", "show-0") in recorder.shown
    run("sync", "mercy", "--full")
    assert ("Observation", "show-0") not in recorder.shown
    for name in ("show-1", "show-2", "show-new"):
        sandbox_ehr.delete("Observation", name)


@pytest.mark.security("S58")
def test_the_secret_is_sealed_and_opens_in_its_own_hospital_only(
    mercy: HospitalRecord, riverside: HospitalRecord, fake: Fake
) -> None:
    run(
        "connect",
        "mercy",
        "--base-url",
        fake.base,
        "--auth",
        "bearer",
        "--token",
        "tok-SECRET",
        "--allow-private",
        PRIVATE,
    )
    with inside(mercy):
        stored = Connection.objects.get()
        assert "tok-SECRET" not in stored.secret
        with connection.cursor() as cursor:
            cursor.execute("SELECT c::text FROM ehr_connection c")
            assert "tok-SECRET" not in cursor.fetchone()[0]
        assert stored.access("x").secret == "tok-SECRET"
    with inside(riverside):
        with pytest.raises(Sealed):
            stored.access("x")


@pytest.mark.security("S67")
def test_a_private_address_needs_an_entry(mercy: HospitalRecord, fake: Fake) -> None:
    assert "--allow-private" in refused("connect", "mercy", "--base-url", fake.base)
    with inside(mercy):
        assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base-url", "ehr.example.org"], "full base address"),
        (["--base-url", "http://user:pw@127.0.0.1/fhir"], "full base address"),
        (["--base-url", "http://127.0.0.1:9/fhir"], "Nothing answers"),
        (["--base-url", "http://127.0.0.1:9/fhir", "--auth", "bearer"], "--token"),
        (["--base-url", "http://127.0.0.1:9/fhir", "--auth", "smart"], "--client-id"),
        (["--base-url", "http://x/", "--auth", "smart", "--client-id", "c", "--key", "/none"], "key file /none"),
        (["--base-url", "http://x/", "--allow-private", "0.0.0.0/0"], "private network"),
        (["--base-url", "http://x/", "--allow-private", "8.8.8.0/24"], "private network"),
        (["--base-url", "http://x/", "--allow-private", "hello"], "private network"),
    ],
)
def test_each_mistake_has_its_sentence(mercy: HospitalRecord, arguments: list[str], words: str) -> None:
    extra = [] if "--allow-private" in arguments else ["--allow-private", PRIVATE]
    assert words in refused("connect", "mercy", *arguments, *extra)
    with inside(mercy):
        assert not Connection.objects.exists()


def test_a_key_that_does_not_fit_is_named_before_anything_is_stored(
    mercy: HospitalRecord, fake: Fake, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_text("not a key")
    fake.answers[".well-known/smart-configuration"] = lambda ask: Say({"token_endpoint": f"{fake.root}/token"})
    how = ["--auth", "smart", "--client-id", "c", "--key", str(key), "--allow-private", PRIVATE]
    said = refused("connect", "mercy", "--base-url", fake.base, *how)
    assert "P-384" in said


def test_an_unknown_hospital_is_named(mercy: HospitalRecord) -> None:
    assert "nowhere" in refused("connect", "nowhere", "--base-url", "http://x/")
    assert "nowhere" in refused("sync", "nowhere")


def test_synchronising_without_a_connection_says_so(mercy: HospitalRecord) -> None:
    assert "not connected" in refused("sync", "mercy")


def test_a_failed_synchronisation_ends_with_cause_and_fix(
    mercy: HospitalRecord, fake: Fake, recorder: Recorder
) -> None:
    run("connect", "mercy", "--base-url", fake.base, "--allow-private", PRIVATE)
    fake.answers["Patient"] = lambda ask: Say(outcome("login"), 401)
    assert "does not accept our sign-in" in refused("sync", "mercy")
    with inside(mercy):
        assert SyncRun.objects.get().state == SyncRun.State.FAILED


def test_what_is_missing_and_who_is_unknown_is_said(mercy: HospitalRecord, fake: Fake, recorder: Recorder) -> None:
    run("connect", "mercy", "--base-url", fake.base, "--allow-private", PRIVATE)
    fake.answers["Observation"] = lambda ask: Say(outcome("forbidden"), 403)
    fake.answers["Patient/nobody"] = lambda ask: Say(outcome("not-found"), 404)
    said = run("sync", "mercy", "--patient", "alice", "nobody")
    assert "no patient nobody" in said
    assert "Could not be read for 1 patients: Observation" in said


def test_the_same_system_at_a_new_address_goes_on_and_another_system_begins_anew(
    mercy: HospitalRecord, fake: Fake, recorder: Recorder
) -> None:
    run("connect", "mercy", "--base-url", fake.base, "--allow-private", PRIVATE)
    run("sync", "mercy")
    with faking() as moved:
        moved.answers.update(fake.answers)
        assert "another system" not in run("connect", "mercy", "--base-url", moved.base, "--allow-private", PRIVATE)
        run("sync", "mercy", "--full")
    with inside(mercy):
        assert Connection.objects.count() == 1
        assert Patient.objects.count() == 1
    with faking() as other:
        other.answers["Patient"] = lambda ask: Say(bundle(patient(family="Somebody", birthDate="1999-09-09")))
        other.answers["Patient/alice"] = lambda ask: Say(patient(family="Somebody", birthDate="1999-09-09"))
        assert "another system" in run("connect", "mercy", "--base-url", other.base, "--allow-private", PRIVATE)
        run("sync", "mercy")
    with inside(mercy):
        assert Connection.objects.count() == 2
        known = sorted(Patient.objects.values_list("fhir_id", "family_name"))
        assert known == [
            ("alice", "Alvarez"),
            ("alice", "Somebody"),
        ]
        assert Resource.objects.filter(fhir_id="r1").count() == 1


def test_an_egress_entry_is_private_and_not_too_wide() -> None:
    assert private_networks(["10.20.0.0/16", "fd12::/48"]) == ("10.20.0.0/16", "fd12::/48")
    for text in ("0.0.0.0/0", "::/0", "1.2.3.0/24", "10.0.0.0/7", "224.0.0.0/8"):
        with pytest.raises(ValueError):
            private_networks([text])

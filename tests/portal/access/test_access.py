"""Who may open which record: grants, the gate, and the command line."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.errors import Conflict, NotFound
from foundation.permissions import ANONYMOUS
from foundation.tenancy import HospitalRecord, inside
from portal.access.actions import end_grant, grant_record, register_patient
from portal.access.models import Patient, PatientUserObjectPermission
from portal.access.queries import granted_patient, patient_for, viewer_of_person
from portal.accounts.models import AuthenticatorApp, User
from portal.accounts.queries import apps_of
from tests.people import SECRET

type ClientFor = Callable[..., Client]
type MakePerson = Callable[..., Any]
BY = Actor.command("tests")


@pytest.fixture
def alices(in_mercy: HospitalRecord) -> Patient:
    return register_patient(
        by=BY, fhir_id="p1", name="Alice Alvarez", given_name="Alice", birth_date=date(1970, 2, 3), source=uuid4()
    )


@pytest.mark.security("S20")
def test_a_grant_opens_the_record_and_its_end_closes_it(
    in_mercy: HospitalRecord, alices: Patient, person: MakePerson
) -> None:
    user = person(in_mercy, "alice")
    with pytest.raises(NotFound):
        patient_for(viewer_of_person(user, verified=True))
    grant_record(by=BY, user=user, patient=alices)
    opened = patient_for(viewer_of_person(user, verified=True))
    assert (opened.id, opened.given_name, opened.birth_date) == (alices.id, "Alice", date(1970, 2, 3))
    assert user.has_perm("access.open_record", alices)
    end_grant(by=BY, user=user, patient=alices)
    with pytest.raises(NotFound):
        patient_for(viewer_of_person(user, verified=True))
    events = AuditEvent.objects.filter(kind__startswith="grant.", patient_id=alices.id).order_by("id")
    assert [(e.kind, e.patient_id, e.target_id) for e in events] == [
        ("grant.given", alices.id, str(user.pk)),
        ("grant.ended", alices.id, str(user.pk)),
    ]


def test_before_the_second_step_no_record_is_open(
    in_mercy: HospitalRecord, alices: Patient, person: MakePerson
) -> None:
    user = person(in_mercy, "alice", patient=alices)
    viewer = viewer_of_person(user, verified=False)
    assert viewer.patient is None
    assert not viewer.may("staff.home")
    with pytest.raises(NotFound):
        patient_for(viewer)
    with pytest.raises(NotFound):
        patient_for(ANONYMOUS)


def test_a_grant_without_the_patients_role_opens_nothing(
    in_mercy: HospitalRecord, alices: Patient, person: MakePerson
) -> None:
    clinician = person(in_mercy, "chen", role="clinician", patient=alices)
    with pytest.raises(NotFound):
        patient_for(viewer_of_person(clinician, verified=True))


def test_a_patient_who_was_merged_away_is_not_found(
    in_mercy: HospitalRecord, alices: Patient, person: MakePerson
) -> None:
    user = person(in_mercy, "alice", patient=alices)
    other = register_patient(by=BY, fhir_id="p2", name="Alice A.")
    Patient.objects.filter(pk=alices.pk).update(merged_into=other)
    with pytest.raises(NotFound):
        patient_for(viewer_of_person(user, verified=True))
    alices.refresh_from_db()
    with pytest.raises(Conflict):
        grant_record(by=BY, user=user, patient=alices)


@pytest.mark.security("S29")
def test_guardians_anonymous_opens_nothing(
    in_mercy: HospitalRecord, alices: Patient, settings: Any, client_for: ClientFor
) -> None:
    assert settings.ANONYMOUS_USER_NAME is None
    assert not User.objects.filter(username__icontains="anonymous").exists()
    assert not AnonymousUser().has_perm("access.open_record", alices)
    with pytest.raises(Exception):  # noqa: B017  (whatever guardian answers, it does not grant)
        assign_perm("access.open_record", AnonymousUser(), alices)
    assert not PatientUserObjectPermission.objects.exists()


def test_rights_stand_in_the_table_of_the_patient_alone(
    in_mercy: HospitalRecord, alices: Patient, person: MakePerson
) -> None:
    person(in_mercy, "alice", patient=alices)
    assert PatientUserObjectPermission.objects.count() == 1
    assert not UserObjectPermission.objects.exists()


def test_a_grant_is_read_in_one_statement(in_mercy: HospitalRecord, alices: Patient, person: MakePerson) -> None:
    user = person(in_mercy, "alice", patient=alices)
    with CaptureQueriesContext(connection) as seen:
        assert granted_patient(user.pk)
    assert len(seen) == 1


@pytest.mark.security("S2")
def test_a_grant_of_one_hospital_says_nothing_in_another(
    mercy: HospitalRecord, riverside: HospitalRecord, person: MakePerson
) -> None:
    with inside(riverside):
        patient = register_patient(by=BY, fhir_id="p9", name="Eve")
    user = person(riverside, "eve", patient=patient)
    with inside(mercy):
        user.save(force_insert=True)
        patient.save(force_insert=True)
        assert viewer_of_person(user, verified=True).patient is None


def test_registering_again_brings_up_to_date_and_adopts_who_came_before(in_mercy: HospitalRecord) -> None:
    early = register_patient(by=BY, fhir_id="p1", name="rosa")
    source = uuid4()
    synced = register_patient(by=BY, fhir_id="p1", name="Rosa Diaz", source=source, sex="female")
    again = register_patient(by=BY, fhir_id="p1", name="Rosa Díaz", source=source, sex="x-unheard-of")
    assert early.pk == synced.pk == again.pk
    assert (again.name, again.sex) == ("Rosa Díaz", "unknown")
    assert register_patient(by=BY, fhir_id="p1", name="Another", source=uuid4()).pk != early.pk


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("hospital", "person", *words, stdout=out)
    return out.getvalue()


def test_the_command_adds_a_patient_who_can_sign_in(
    mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch, client_for: ClientFor
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("violet umbrella seven\n"))
    said = run(
        "add", "mercy", "--role", "patient", "--patient", "p1", "--username", "Rosa", "--name", "Rosa Diaz",
        "--password-stdin", "--totp-secret", SECRET,
    )  # fmt: skip
    assert "link" not in said
    with inside(mercy):
        user = User.objects.get(username="rosa")
        assert user.check_password("violet umbrella seven")
        assert len(apps_of(user)) == 1
        opened = granted_patient(user.pk)
        assert opened is not None
        assert Patient.objects.get(pk=opened.id).fhir_id == "p1"
        kinds = set(AuditEvent.objects.filter(actor_kind="command").values_list("kind", flat=True))
    assert kinds >= {"person.created", "grant.given"}


def test_without_a_secret_the_command_prints_a_link_that_opens_once(
    mercy: HospitalRecord, client_for: ClientFor
) -> None:
    said = run("add", "mercy", "--role", "clinician", "--username", "chen", "--name", "Dr. Chen")
    path = said[said.index("/link/") :].strip()
    assert client_for(mercy).get(path)["Location"] == "/password/choose/"


def test_the_command_takes_factors_away(mercy: HospitalRecord, client_for: ClientFor, person: MakePerson) -> None:
    browser = client_for(mercy, person(mercy, "alice"))
    assert "1 second factor" in run("reset", "mercy", "alice")
    assert browser.get("/account/").status_code == 302
    with inside(mercy):
        assert not AuthenticatorApp.objects.exists()
        assert AuditEvent.objects.filter(kind="factor.reset", actor_kind="command").count() == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "nowhere", "--role", "admin", "--username", "x"), "no hospital 'nowhere'"),
        (("add", "mercy", "--role", "patient", "--username", "x"), "--patient goes with"),
        (("add", "mercy", "--role", "admin", "--username", "alice"), "taken"),
        (("add", "mercy", "--role", "admin", "--username", "x", "--totp-secret", "1"), "not Base32"),
        (("reset", "mercy", "zelda"), "nobody called 'zelda'"),
        (("add", "mercy", "--role", "operator", "--username", "x"), "invalid choice"),
    ],
)
def test_the_command_says_what_is_wrong(
    mercy: HospitalRecord, person: MakePerson, words: tuple[str, ...], sentence: str
) -> None:
    person(mercy, "alice")
    with pytest.raises(CommandError, match=sentence):
        run(*words)

"""Keys change while everything goes on (S60)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from moto import mock_aws

from foundation import clock
from foundation.audit import Actor
from foundation.audit.alarms import open_alarms
from foundation.audit.models import AuditEvent
from foundation.crypto import Sealed, actions, fingerprint, rotation, seal, unseal
from foundation.crypto.cache import unwrapped
from foundation.crypto.columns import Column, current_version, present
from foundation.crypto.errors import KeysAway
from foundation.crypto.models import DataKey, RootKey
from foundation.database import as_owner
from foundation.registry import schedule, sealed_columns
from foundation.tasks import ask_provisioner
from foundation.tenancy import PUBLIC, HospitalRecord, inside, inside_public, stand
from portal.accounts import factors
from portal.accounts.models import AuthenticatorApp, User
from portal.ehr.models import Connection
from tenants import provisioning
from tenants.models import Job
from tenants.queries import hospital_by_slug
from tenants.tasks import check_keys
from tests.foundation.crypto.test_sealing import forget_keys, in_old_form

BY = Actor.command("tests")
SECRET = {"table": "ehr_connection", "column": "secret"}


def connect(secret: str) -> Connection:
    connected = Connection(base_url=f"memory://{secret}")
    connected.seal(secret)
    connected.save()
    return connected


def secret_of(connected: Connection) -> str:
    connected.refresh_from_db()
    return unseal(connected.secret, **SECRET, row=str(connected.id)).decode()


def versions(table: str) -> dict[int, str]:
    return dict(DataKey.objects.filter(table_name=table).values_list("version", "state"))


def column_of(table: str) -> Column:
    return next(column for column in present() if column.table == table)


@pytest.mark.security("S60")
def test_old_rows_stay_readable_and_new_rows_take_the_new_key(in_mercy: HospitalRecord) -> None:
    before = connect("one")
    assert actions.renew_keys(by=BY) == 1
    assert secret_of(before) == "one"
    assert before.secret.startswith("v2.1.")
    assert connect("two").secret.startswith("v2.2.")
    assert versions("ehr_connection") == {1: "old", 2: "current"}


@pytest.mark.security("S60")
def test_a_rotation_seals_every_old_value_anew_and_lays_the_old_key_to_rest(
    in_mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 3)
    made = [connect(str(number)) for number in range(8)]
    plain = fingerprint("code", purpose="p")
    wrapped = set(DataKey.objects.values_list("id", "wrapped"))
    assert rotation.rotate(by=BY) == rotation.Rotated(keys=1, resealed=8, stuck=0, retired=1)
    assert [secret_of(one) for one in made] == [str(number) for number in range(8)]
    assert all(one.secret.startswith("v2.2.") for one in made)
    assert versions("ehr_connection") == {1: "retired", 2: "current"}
    assert not wrapped & set(DataKey.objects.values_list("id", "wrapped"))  # all wrapped with the newest key
    assert fingerprint("code", purpose="p") == plain
    assert RootKey.objects.get().rotated_at is not None
    assert rotation.rotate(by=BY).resealed == 8
    assert AuditEvent.objects.filter(kind="keys.resealed").latest("id").target_id == "ehr_connection.secret"


def test_what_an_old_dump_holds_still_opens_after_two_rotations(in_mercy: HospitalRecord) -> None:
    one = connect("one")
    text, kept = one.secret, list(DataKey.objects.values())
    rotation.rotate(by=BY)
    rotation.rotate(by=BY)
    unwrapped.forget_all()
    assert unseal(text, **SECRET, row=str(one.id)) == b"one"
    with as_owner():
        DataKey.objects.all().delete()
    DataKey.objects.bulk_create(DataKey(**row) for row in kept)
    assert unseal(text, **SECRET, row=str(one.id)) == b"one"


def test_values_of_the_old_form_are_sealed_anew_though_there_was_no_key_yet(
    in_mercy: HospitalRecord, settings: Any
) -> None:
    one = connect("x")
    Connection.objects.filter(pk=one.pk).update(secret=in_old_form("old secret", **SECRET, row=str(one.pk)))
    with as_owner():
        DataKey.objects.all().delete()
        RootKey.objects.all().delete()
    assert rotation.rotate(by=BY).resealed == 1
    settings.PORTICO_MASTER_KEY = ""
    assert secret_of(one) == "old secret"


def test_a_value_that_does_not_open_here_is_counted_and_left(in_mercy: HospitalRecord) -> None:
    good, bad = connect("good"), connect("bad")
    Connection.objects.filter(pk=bad.pk).update(secret=good.secret)
    done = rotation.rotate(by=BY)
    assert (done.resealed, done.stuck, done.retired) == (1, 1, 0)
    assert secret_of(good) == "good"
    bad.refresh_from_db()
    assert bad.secret.startswith("v2.1.")
    assert actions.check_keys(by=BY) == actions.Checked(open=1, shut=1)


def test_a_value_that_changes_during_the_batch_is_not_overwritten(
    in_mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = connect("before")
    actions.renew_keys(by=BY)

    def meanwhile(*args: Any, **place: Any) -> str:
        text = seal(*args, **place)
        other = Connection.objects.get(pk=one.pk)
        other.seal("after")
        other.save()
        return text

    monkeypatch.setattr(actions, "seal", meanwhile)
    assert actions.reseal_batch(by=BY, column=column_of("ehr_connection"), after=None, most=10).resealed == 0
    assert secret_of(one) == "after"


def test_the_column_that_each_code_path_seals_is_the_one_that_rotation_knows(in_mercy: HospitalRecord) -> None:
    for key, said in sealed_columns.items():
        table, _, name = key.partition(".")
        if said.model:
            from django.apps import apps

            model = apps.get_model(said.model)
            assert model._meta.db_table == table
            assert {field.column for field in model._meta.concrete_fields} >= {name}
            assert hasattr(model(), said.row)


# Under load.


@pytest.fixture
def lasting_mercy(lasting_database: None) -> Iterator[HospitalRecord]:
    found = hospital_by_slug("mercy")
    assert found is not None
    yield found
    with inside(found):
        Connection.objects.filter(base_url__startswith="memory://").delete()
        AuthenticatorApp.objects.filter(user__username__startswith="rotating-").delete()
        with as_owner():
            User.objects.filter(username__startswith="rotating-")._raw_delete(using="default")
    forget_keys(found)


def person_with_app(number: int) -> tuple[AuthenticatorApp, bytes]:
    user = User.objects.create(username=f"rotating-{number}-{clock.uuid7().hex}", name="R")
    seed = factors.new_seed()
    return AuthenticatorApp.objects.create(user=user, sealed_seed=factors.seal_seed(user, seed)), seed


class Load:
    """People and connections of one hospital, used by threads until they are told to stop; what fails is noted."""

    def __init__(self, where: HospitalRecord) -> None:
        self.where = where
        self.stop = threading.Event()
        self.failures: list[str] = []
        self.done = {"read_seed": 0, "read_secret": 0, "write_secret": 0}
        with inside(where):
            self.people = [person_with_app(number) for number in range(30)]
            self.connected = [connect(f"start-{number}").pk for number in range(10)]

    def work(self, kind: str) -> None:
        stand(None)
        number = 0
        while not self.stop.is_set() or number < 50:
            number += 1
            try:
                with inside(self.where):
                    getattr(self, kind)(number)
                self.done[kind] += 1
            except Exception as problem:
                self.failures.append(f"{kind}: {problem!r}")
        connection.close()

    def read_seed(self, number: int) -> None:
        app, seed = self.people[number % len(self.people)]
        assert factors.seed_of(AuthenticatorApp.objects.get(pk=app.pk)) == seed

    def read_secret(self, number: int) -> None:
        assert "-" in secret_of(Connection.objects.get(pk=self.connected[number % len(self.connected)]))

    def write_secret(self, number: int) -> None:
        mine = Connection.objects.get(pk=self.connected[number % len(self.connected)])
        mine.seal(f"changed-{number}")
        mine.save(update_fields=["secret"])


@pytest.mark.security("S60")
def test_keys_rotated_under_load_fail_no_request(lasting_mercy: HospitalRecord) -> None:
    """Four threads read and two write, in two sorts of columns, while the keys are changed five times."""
    load = Load(lasting_mercy)
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(load.work, kind) for kind in load.done for _twice in range(2)]
        try:
            for _turn in range(5):
                with inside(lasting_mercy):
                    unwrapped.forget_all()  # as another process would have it
                    rotation.rotate(by=BY)
        finally:
            load.stop.set()
        for job in jobs:
            job.result()
    assert not load.failures
    assert min(load.done.values()) >= 100
    with inside(lasting_mercy):
        rotation.rotate(by=BY)
        newest = {c.table: current_version(c) for c in present()}
        assert newest["accounts_authenticatorapp"] == newest["ehr_connection"] == 7
        assert all(not column.not_under(newest[column.table]).exists() for column in present())
        for app, seed in load.people:
            assert factors.seed_of(AuthenticatorApp.objects.get(pk=app.pk)) == seed


# At the command line.


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_rotates_lists_and_checks(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        connect("one")
    with inside_public():
        seal("seed", table="t", column="c")
    assert "mercy: 1 new keys, 1 secrets sealed anew, 0 stay shut." in command("rotate", "--hospital", "mercy")
    everybody = command("rotate", "--all")
    assert "public: 1 new keys" in everybody
    assert "riverside: 0 new keys" in everybody
    listed = {line.split()[0]: line for line in command("list").splitlines()}
    assert "active" in listed["mercy"]
    assert "version 3" in listed["mercy"]
    assert "none yet" in listed["riverside"]
    assert "mercy: key active. 1 secrets open, 0 stay shut." in command("check")
    with inside_public():
        rotated = AuditEvent.objects.filter(kind="keys.rotated", target_type="hospital").values_list(
            "target_id", "item_count"
        )
        assert list(rotated) == [("mercy", 1), ("public", 1), ("mercy", 1), ("riverside", 0)]


def test_the_command_says_what_is_wrong_and_ends_non_zero(mercy: HospitalRecord, key_folder: Path) -> None:
    with inside(mercy):
        one = connect("one")
        Connection.objects.filter(pk=one.pk).update(secret="v2.1.AAAA")
    with pytest.raises(CommandError, match="1 of 1 need a look"):
        command("check", "--hospital", "mercy")
    with pytest.raises(CommandError, match="no hospital with this short name"):
        command("rotate", "--hospital", "nowhere")
    with pytest.raises(CommandError, match="required"):
        command("rotate")
    with inside(mercy):
        assert [(alarm.kind, alarm.detail) for alarm in open_alarms()] == [("keys.shut", "1")]
    key_folder.rename(key_folder.with_name("away"))
    unwrapped.forget_all()
    with pytest.raises(CommandError, match="1 of 1 need a look"):
        command("rotate", "--hospital", "mercy")
    with pytest.raises(CommandError, match="1 of 1 need a look"):
        command("check", "--hospital", "mercy")


def test_a_store_that_is_away_raises_an_alarm_for_the_operators(in_mercy: HospitalRecord, key_folder: Path) -> None:
    text = seal("secret", table="t", column="c")
    key_folder.rename(key_folder.with_name("away"))
    unwrapped.forget_all()
    with pytest.raises(KeysAway):
        unseal(text, table="t", column="c")
    assert [(alarm.kind, alarm.readers) for alarm in open_alarms()] == [("keys.away", ["operator"])]


def test_the_keys_are_looked_at_each_day(mercy: HospitalRecord) -> None:
    assert schedule.get("keys.check").seconds == 24 * 60 * 60
    with inside_public():
        check_keys()
        assert [(job.kind, job.actor_name) for job in Job.objects.all()] == [("keys.check", "keys")]


@pytest.mark.security("S60")
def test_the_provisioner_is_asked_and_the_record_names_who_asked(mercy: HospitalRecord) -> None:
    by = Actor("person", None, "Victor", "operator")
    with inside(mercy):
        connect("one")
    job_id = ask_provisioner("keys.rotate", by=by, slug="mercy")
    assert provisioning.work_off_one()
    done = provisioning.outcome(job_id)
    assert (done.state, done.result) == ("done", {"hospitals": [
        {"slug": "mercy", "keys": 1, "resealed": 1, "stuck": 0, "retired": 1, "error": ""}
    ]})  # fmt: skip
    for where in (mercy, PUBLIC):
        with inside(where):
            assert AuditEvent.objects.filter(kind="keys.rotated").latest("id").actor_name == "Victor"


# The same over AWS KMS.


@pytest.mark.security("S58")
@pytest.mark.security("S60")
def test_secrets_open_and_keys_change_over_aws_kms(
    mercy: HospitalRecord, riverside: HospitalRecord, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    settings.PORTICO_KEYS = "aws-kms:us-east-1"
    with mock_aws():
        with inside(mercy):
            one = connect("one")
            assert rotation.rotate(by=BY) == rotation.Rotated(keys=1, resealed=1, stuck=0, retired=1)
            unwrapped.forget_all()
            assert secret_of(one) == "one"
            assert actions.check_keys(by=BY) == actions.Checked(open=1, shut=0)
            rows = list(DataKey.objects.values("table_name", "column_name", "version", "key_id", "wrapped", "state"))
        with inside(riverside):  # with everything that the database held
            connect("two")
            with as_owner():
                DataKey.objects.all().delete()
            DataKey.objects.bulk_create(DataKey(**row) for row in rows)
            with pytest.raises(Sealed):
                unseal(one.secret, **SECRET, row=str(one.id))
        assert {line.split()[0] for line in command("list").splitlines()} == {"public", "mercy", "riverside"}
    key_store_again()


def key_store_again() -> None:
    """The next test's store is another one: the client of this one was moto's."""
    from foundation.crypto import stores

    stores._opened.clear()

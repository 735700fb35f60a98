"""A hospital's key is destroyed: what it sealed opens nowhere any more, and nobody else notices (S59)."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.crypto import Sealed, actions, fingerprint, seal, unseal
from foundation.crypto.cache import unwrapped
from foundation.crypto.errors import KeysDestroyed
from foundation.crypto.keyfile import KeyFiles
from foundation.crypto.models import DataKey, RootKey
from foundation.crypto.port import KeyState
from foundation.database import as_owner
from foundation.tenancy import HospitalRecord, inside, inside_public, stand
from portal.accounts import factors
from portal.accounts.models import AuthenticatorApp, User
from portal.ehr.models import Connection
from tenants.actions import create_hospital, delete_hospital, dump, set_status
from tenants.queries import hospital_by_slug
from tests.foundation.crypto.peers import Database
from tests.foundation.crypto.test_sealing import forget_keys, in_old_form

BY = Actor.command("tests")
CANARY = "CANARYSECRET-shredded"


@pytest.fixture
def shredded(lasting_database: None) -> Iterator[HospitalRecord]:
    """A hospital with two sorts of secrets, and beside it mercy with one."""
    slug = f"shred-{secrets.token_hex(3)}"
    made = create_hospital(by=BY, slug=slug, name="To be shredded", domain=f"{slug}.localhost")
    try:
        fill(made)
        yield made
    finally:
        stand(None)
        unwrapped.forget_all()
        if hospital_by_slug(slug):
            delete_hospital(by=BY, slug=slug, confirmed_slug=slug)


@pytest.fixture
def beside(lasting_database: None) -> Iterator[HospitalRecord]:
    found = hospital_by_slug("mercy")
    assert found is not None
    with inside(found):
        connected = Connection(base_url="memory://beside")
        connected.seal("untouched")
        connected.save()
    yield found
    with inside(found):
        connected.delete()
    forget_keys(found)


def fill(where: HospitalRecord) -> None:
    with inside(where):
        connected = Connection(base_url="memory://shredded")
        connected.seal(CANARY)
        connected.save()
        user = User.objects.create(username="seeded", name="S")
        AuthenticatorApp.objects.create(user=user, sealed_seed=factors.seal_seed(user, b"0123456789"))


def opened(where: HospitalRecord) -> list[bytes]:
    """Every secret of the hospital that opens, as a process would see it that has nothing in its memory."""
    unwrapped.forget_all()
    found = []
    with inside(where):
        for connected in Connection.objects.all():
            found.append(unseal(connected.secret, table="ehr_connection", column="secret", row=str(connected.id)))
        for app in AuthenticatorApp.objects.all():
            found.append(factors.seed_of(app))
    return found


def stays_shut(where: HospitalRecord) -> None:
    """Each secret by itself stays shut."""
    with inside(where):
        for connected in Connection.objects.all():
            unwrapped.forget_all()
            with pytest.raises(Sealed):
                unseal(connected.secret, table="ehr_connection", column="secret", row=str(connected.id))
        for app in AuthenticatorApp.objects.all():
            with pytest.raises(Sealed):
                factors.seed_of(app)


def psql(file: Path) -> None:
    """Loads a dump as an administrator would."""
    from config.runner.environment import make_folders, places
    from config.runner.postgres import unpacked

    make_folders(places())
    at = connection.settings_dict
    told = {"PGHOST": at["HOST"], "PGPORT": at["PORT"], "PGUSER": at["USER"], "PGPASSWORD": at["PASSWORD"] or ""}
    command = [str(unpacked(places()) / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", at["NAME"]]
    zipped = subprocess.run(["gunzip", "-c", str(file)], check=True, capture_output=True)
    subprocess.run(command, input=zipped.stdout, check=True, capture_output=True, env={**os.environ, **told})


def destroy(slug: str, confirm: str = "") -> str:
    out = StringIO()
    call_command("keys", "destroy", slug, "--confirm", confirm or slug, stdout=out)
    return out.getvalue()


@pytest.mark.security("S59")
def test_secrets_are_unreadable_in_the_database_and_in_a_dump_from_before(
    shredded: HospitalRecord, beside: HospitalRecord, key_folder: Path
) -> None:
    from foundation import clock

    assert opened(shredded) == [CANARY.encode(), b"0123456789"]
    with inside_public():
        before = dump(shredded, clock.now())
    with inside(shredded):
        events = AuditEvent.objects.count()
    set_status(by=BY, slug=shredded.slug, status="suspended")
    assert "1 keys are destroyed" in destroy(shredded.slug)

    stays_shut(shredded)
    with inside(shredded):
        assert {row.state for row in DataKey.objects.all()} == {"destroyed"}
        assert not any(bytes(row.wrapped) for row in DataKey.objects.all())
        assert AuditEvent.objects.count() > events
        assert AuditEvent.objects.filter(kind="keys.destroyed", outcome="success").exists()
    with inside_public():
        assert AuditEvent.objects.filter(kind="keys.destroyed", target_id=shredded.slug).exists()

    with inside_public(), as_owner(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{shredded.schema_name}" CASCADE')
    connections.close_all()
    psql(before)
    with as_owner():
        with inside(shredded):
            assert {row.state for row in DataKey.objects.all()} == {"current"}  # the dump knows nothing of it
            assert AuditEvent.objects.count() == events
        stays_shut(shredded)

    assert opened(beside)[-1] == b"untouched"
    states = {key.hospital: key.state for key in KeyFiles(str(key_folder)).known()}
    assert states == {shredded.schema_name: KeyState.DESTROYED, beside.schema_name: KeyState.ACTIVE}


@pytest.mark.security("S59")
def test_nothing_can_be_sealed_or_compared_where_the_key_was_destroyed(in_mercy: HospitalRecord, settings: Any) -> None:
    place = {"table": "t", "column": "c"}
    text, old = seal("secret", **place), in_old_form("secret", **place)
    fingerprint("code", purpose="p")
    actions.destroy_keys(by=BY)
    for attempt in (
        lambda: unseal(text, **place),
        lambda: seal("again", **place),
        lambda: seal("elsewhere", table="t", column="d"),
        lambda: fingerprint("code", purpose="p"),
        lambda: unseal(old, **place),  # the master key of old opens nothing here either
    ):
        with pytest.raises(KeysDestroyed):
            attempt()
    assert RootKey.objects.get().state == "destroyed"


def test_a_key_that_the_store_will_not_destroy_stays_as_it_was(in_mercy: HospitalRecord, key_folder: Path) -> None:
    text = seal("secret", table="t", column="c")
    key_folder.rename(key_folder.with_name("away"))
    with pytest.raises(Exception, match="cannot open this right now"):
        actions.destroy_keys(by=BY)
    key_folder.with_name("away").rename(key_folder)
    assert unseal(text, table="t", column="c") == b"secret"


def test_what_one_master_key_sealed_must_be_sealed_anew_first(in_mercy: HospitalRecord) -> None:
    connected = Connection(base_url="memory://old")
    connected.seal("x")
    connected.secret = in_old_form("x", table="ehr_connection", column="secret", row=str(connected.id))
    connected.save()
    with pytest.raises(Exception, match="sealed in the old way"):
        actions.destroy_keys(by=BY)
    call_command("keys", "rotate", "--hospital", "mercy", stdout=StringIO())
    actions.destroy_keys(by=BY)


def test_a_destruction_that_broke_off_is_finished_by_the_next(mercy: HospitalRecord, key_folder: Path) -> None:
    """Between the hospital's own key and one that an earlier hospital of this name left."""
    store = KeyFiles(str(key_folder))
    left = store.create("h_mercy-earlier", hospital="h_mercy")
    with inside(mercy):
        seal("secret", table="t", column="c")
        actions.destroy_keys(by=BY)
    set_status(by=BY, slug="mercy", status="suspended")
    assert "1 keys are destroyed" in destroy("mercy")
    assert store.describe(left).state is KeyState.DESTROYED
    with pytest.raises(CommandError, match="has no key"):
        destroy("mercy")


def test_the_command_asks_for_the_name_and_for_a_hospital_that_is_shut(shredded: HospitalRecord) -> None:
    with pytest.raises(CommandError, match="another one"):
        destroy(shredded.slug, "mercy")
    with pytest.raises(CommandError, match="Suspend it first"):
        destroy(shredded.slug)
    for nobody in ("nowhere", "public", "../mercy", "a'b"):
        with pytest.raises(CommandError, match="no hospital with this short name"):
            destroy(nobody)
    assert opened(shredded)


def test_a_hospital_that_was_deleted_is_brought_back_with_its_secrets(shredded: HospitalRecord) -> None:
    """As docs/operations.md says."""
    before = opened(shredded)
    file = delete_hospital(by=BY, slug=shredded.slug, confirmed_slug=shredded.slug)
    again = create_hospital(by=BY, slug=shredded.slug, name="To be shredded", domain=shredded.host)
    with inside_public(), as_owner(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{again.schema_name}" CASCADE')
    connections.close_all()
    psql(file)
    with as_owner():
        assert opened(again) == before


@pytest.mark.security("S59")
def test_the_key_of_a_hospital_that_was_deleted_is_destroyed_on_its_own(
    shredded: HospitalRecord, key_folder: Path
) -> None:
    """Deleting a hospital leaves a dump that can be brought back. Its key goes later, when the dump's time is over."""
    delete_hospital(by=BY, slug=shredded.slug, confirmed_slug=shredded.slug)
    store = KeyFiles(str(key_folder))
    left = [key for key in store.known() if key.hospital == shredded.schema_name]
    assert [key.state for key in left] == [KeyState.ACTIVE]
    out = StringIO()
    call_command("keys", "list", stdout=out)
    assert left[0].id in next(line for line in out.getvalue().splitlines() if line.startswith("(gone)"))
    assert "1 keys are destroyed" in destroy(shredded.slug)
    assert store.describe(left[0].id).state is KeyState.DESTROYED
    with pytest.raises(CommandError, match="no hospital with this short name"):
        destroy(shredded.slug)


# A physical replica. It takes a server of its own, so it runs with `make soak`.


@contextmanager
def standing_on(server: Database, name: str) -> Iterator[None]:
    """Lets the portal's own connection lead to this server."""
    at = connection.settings_dict
    before = {key: at[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")}
    connections.close_all()
    at.update(HOST="127.0.0.1", PORT=str(server.port), USER="portico", PASSWORD="", NAME=name)
    try:
        yield
    finally:
        connections.close_all()
        at.update(before)


@pytest.mark.soak
@pytest.mark.security("S59")
def test_secrets_are_unreadable_in_a_physical_replica(lasting_database: None, key_folder: Path) -> None:
    """Also in one that was cut off before the key was destroyed: it holds the wrapped keys as they were."""
    primary, replica, frozen = (Database.place(name) for name in ("primary", "replica", "frozen"))
    settings = {"max_locks_per_transaction": "1024", "hot_standby": "on"}
    try:
        primary.make()
        with primary.serving(settings), standing_on(primary, "postgres"):
            call_command("hospital", "migrate", verbosity=0, stdout=StringIO())
            made = create_hospital(by=BY, slug="shred-me", name="To be shredded", domain="shred-me.localhost")
            fill(made)
            for copy, follows in ((replica, f"host=127.0.0.1 port={primary.port} user=portico"), (frozen, "")):
                copy.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", "portico", "-D", copy.data,
                         "-X", "stream", "--checkpoint=fast", "--no-sync")  # fmt: skip
                (copy.data / "standby.signal").touch()
                (copy.data / "postgresql.auto.conf").write_text(f"primary_conninfo = '{follows}'\n")
            with replica.serving(settings), frozen.serving(settings):
                for copy in (replica, frozen):
                    with standing_on(copy, "postgres"):
                        assert opened(made) == [CANARY.encode(), b"0123456789"]
                with standing_on(primary, "postgres"):
                    set_status(by=BY, slug="shred-me", status="suspended")
                    destroy("shred-me")
                    stays_shut(made)
                    written = caught_up_to(primary)
                wait_for(replica, written)
                for copy, state in ((replica, "destroyed"), (frozen, "current")):
                    with standing_on(copy, "postgres"):
                        stays_shut(made)
                        with inside(made):
                            assert {row.state for row in DataKey.objects.all()} == {state}
    finally:
        for server in (primary, replica, frozen):
            server.remove()


def caught_up_to(primary: Database) -> str:
    with psycopg.connect(host="127.0.0.1", port=primary.port, user="portico", dbname="postgres") as opened_here:
        row = opened_here.execute("SELECT pg_current_wal_lsn()::text").fetchone()
    assert row is not None
    return str(row[0])


def wait_for(replica: Database, written: str) -> None:
    """Until the replica has replayed so far; PostgreSQL itself waits."""
    with psycopg.connect(
        host="127.0.0.1", port=replica.port, user="portico", dbname="postgres", autocommit=True
    ) as opened_here:
        for _ in range(600):
            row = opened_here.execute(
                "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_sleep(0.05)::text", [written]
            ).fetchone()
            if row is not None and row[0]:
                return
    raise AssertionError("The replica did not follow.")

"""The wall that the database holds: the login of web and workers, and what each hospital's role can and cannot do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from psycopg import errors

from foundation.audit import Actor
from foundation.database import NotTheOwner, as_owner, roles
from foundation.database.base import ENTER, search_path
from foundation.tenancy import HospitalRecord, inside, inside_public
from tenants import actions, migrating, queries, walls
from tests.conftest import RUNTIME_PASSWORD, forget_login, maintenance, runtime_address

BY = Actor.command("tests")
ROOT = Path(__file__).parents[2]
TABLES = ("accounts_user", "access_patient", "records_result", "ehr_resource", "audit_event", "themes_brand")


@pytest.fixture(scope="module")
def runtime(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of this worker's database for web and workers, with the login that `hospital migrate` would make."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        with inside_public(), as_owner(), transaction.atomic(), connection.cursor() as cursor:
            roles.make_login(cursor, roles.Login(f"{name}_runtime", RUNTIME_PASSWORD))
        yield runtime_address(name)
        with maintenance() as server, inside_public(), as_owner(), connection.cursor() as cursor:
            cursor.execute(f'DROP OWNED BY "{name}_runtime"')
            forget_login(server, name)
        connection.close()


@pytest.fixture
def login(runtime: str, database: None) -> Iterator[psycopg.Connection[Any]]:
    """A bare connection as the login of web and workers."""
    with psycopg.connect(runtime, autocommit=True) as opened:
        yield opened


def mark(opened: psycopg.Connection[Any]) -> str:
    row = opened.execute(roles.MARK).fetchone()
    assert row is not None
    return str(row[0])


def enter(opened: psycopg.Connection[Any], schema: str) -> None:
    """What the backend sends before the first query in a schema."""
    opened.execute(ENTER, [search_path(schema), roles.role_of(mark(opened), schema)])


@pytest.mark.security("S6")
def test_the_login_is_neither_superuser_nor_owner_and_inherits_nothing(login: psycopg.Connection[Any]) -> None:
    powers = login.execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication, rolinherit "
        "FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert powers == (False,) * 6
    for table, column in (("pg_class", "relowner"), ("pg_namespace", "nspowner"), ("pg_database", "datdba")):
        owned = login.execute(
            f"SELECT count(*) FROM {table} WHERE {column} = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        ).fetchone()
        assert owned == (0,), table
    for table in TABLES:
        with pytest.raises(errors.InsufficientPrivilege):
            login.execute(f"SELECT * FROM h_mercy.{table}")
    with pytest.raises(errors.InsufficientPrivilege):
        login.execute("SELECT * FROM public.tenants_hospital")
    assert login.execute("SHOW search_path").fetchone() == ('""',)


@pytest.mark.security("S6")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM {other}.{table}",
        "INSERT INTO {other}.{table} SELECT * FROM {other}.{table}",
        "UPDATE {other}.{table} SET id = id",
        "DELETE FROM {other}.{table}",
        "TRUNCATE {other}.{table}",
        "BEGIN; LOCK TABLE {other}.{table}",
        "COPY {other}.{table} TO STDOUT",
        "CREATE TABLE stolen AS SELECT * FROM {other}.{table}",
        "SELECT currval(pg_get_serial_sequence('{other}.audit_event', 'id')), count(*) FROM {other}.{table}",
    ],
)
def test_sql_of_one_hospital_that_names_another_is_denied(
    login: psycopg.Connection[Any], statement: str, table: str
) -> None:
    for mine, other in (("h_mercy", "h_riverside"), ("h_mercy", "public"), ("public", "h_mercy")):
        if other == "public" and table not in {"accounts_user", "audit_event"}:
            continue
        enter(login, mine)
        with pytest.raises(errors.InsufficientPrivilege):
            login.execute(statement.format(other=other, table=table))
        login.rollback()


@pytest.mark.security("S6")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE access_patient ADD COLUMN x int",
        "DROP TABLE access_patient",
        "CREATE TABLE mine (x int)",
        "CREATE TEMPORARY TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TRIGGER t BEFORE INSERT ON access_patient FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "SET session_replication_role = replica",
        "SET SESSION AUTHORIZATION DEFAULT; SELECT * FROM h_riverside.access_patient",
        "RESET ROLE; SELECT * FROM h_mercy.access_patient",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY access_patient TO PROGRAM 'cat'",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> session_user",
        "DELETE FROM django_migrations",
        "TRUNCATE access_patient CASCADE",
    ],
)
def test_a_hospitals_role_changes_no_table_and_gets_no_power(login: psycopg.Connection[Any], statement: str) -> None:
    enter(login, "h_mercy")
    with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
        login.execute(statement)


@pytest.mark.security("S6")
def test_a_hospitals_role_gives_nothing_on(login: psycopg.Connection[Any]) -> None:
    """PostgreSQL answers with a warning and gives nothing."""
    enter(login, "h_mercy")
    login.execute(f'GRANT SELECT ON access_patient TO "{roles.role_of(mark(login), "h_riverside")}"')
    enter(login, "h_riverside")
    with pytest.raises(errors.InsufficientPrivilege):
        login.execute("SELECT * FROM h_mercy.access_patient")


@pytest.mark.security("S6")
def test_what_a_hospitals_role_may_do_it_does_in_its_own_schema(login: psycopg.Connection[Any]) -> None:
    """Or else the refusals above would prove nothing."""
    enter(login, "h_mercy")
    login.execute("SELECT count(*) FROM access_patient")
    with login.transaction(force_rollback=True):
        login.execute(
            "INSERT INTO access_patient (id, fhir_id, name, given_name, family_name, sex, mrn, deceased, created_at, "
            "updated_at) VALUES (gen_random_uuid(), 'x', 'x', '', '', 'unknown', '', false, now(), now())"
        )
        login.execute("UPDATE access_patient SET name = 'y' WHERE fhir_id = 'x'")
        login.execute("DELETE FROM access_patient WHERE fhir_id = 'x'")


@pytest.mark.security("S6")
def test_the_vendors_role_reads_the_list_of_hospitals_and_does_not_rewrite_it(login: psycopg.Connection[Any]) -> None:
    enter(login, "public")
    login.execute("SELECT slug FROM tenants_hospital")
    for statement in (
        "UPDATE tenants_domain SET tenant_id = (SELECT id FROM tenants_hospital WHERE slug = 'mercy')",
        "UPDATE tenants_hospital SET schema_name = 'h_mercy' WHERE slug = 'riverside'",
        "UPDATE tenants_hospital SET status = 'live'",
        "INSERT INTO tenants_domain (domain, is_primary, tenant_id) SELECT 'x', false, id FROM tenants_hospital",
        "UPDATE tenants_templatetext SET sql = ''",
        "UPDATE tenants_job SET state = 'done'",
        "DELETE FROM tenants_job",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            login.execute(statement)


@pytest.mark.security("S6")
def test_what_the_wall_does_not_stop_is_what_the_decision_says(login: psycopg.Connection[Any]) -> None:
    """Stacked SQL that itself takes another role works for the login: bound parameters are the wall there (ADR 8)."""
    enter(login, "h_mercy")
    login.execute(f'SET ROLE "{roles.role_of(mark(login), "h_riverside")}"')
    login.execute("SELECT count(*) FROM h_riverside.access_patient")
    text = (ROOT / "docs/adr/0008-a-role-a-hospital.md").read_text()
    assert "SET ROLE" in text


@pytest.mark.security("S6")
@pytest.mark.parametrize("table", ["access_patient", "accounts_user"])
def test_raw_sql_through_django_is_denied_too(in_mercy: HospitalRecord, table: str) -> None:
    for statement in (f"SELECT * FROM h_riverside.{table}", f"DELETE FROM h_riverside.{table}"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.security("S6")
@pytest.mark.security("P20")
def test_path_and_role_are_always_of_the_same_hospital(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    """After a switch, a rollback, a savepoint's rollback, an error and a server-side cursor."""

    def both() -> tuple[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema(), current_user")
            schema, role = cursor.fetchone()
        return schema, role[11:]

    with inside(mercy):
        assert both() == ("h_mercy", "h_mercy")
        with pytest.raises(ZeroDivisionError), transaction.atomic(), inside(riverside):
            assert both() == ("h_riverside", "h_riverside")
            _ = 1 / 0
        assert both() == ("h_mercy", "h_mercy")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM h_riverside.access_patient")
        assert both() == ("h_mercy", "h_mercy")
        with as_owner():
            assert both()[0] == "h_mercy"
            assert both()[1] != "h_mercy"
        assert both() == ("h_mercy", "h_mercy")
    with inside_public():
        assert both() == ("public", "public")


@pytest.mark.security("S6")
def test_a_process_without_the_owners_address_makes_and_drops_nothing(database: None, settings: Any) -> None:
    settings.PORTICO_OWNS_DATABASE = False
    with pytest.raises(NotTheOwner):
        actions.create_hospital(by=BY, slug="hilltop", name="Hilltop")
    with pytest.raises(NotTheOwner):
        actions.delete_hospital(by=BY, slug="mercy", confirmed_slug="mercy")
    assert queries.hospital_by_slug("hilltop") is None
    assert queries.hospital_by_slug("mercy") is not None


@pytest.mark.security("S6")
def test_a_new_hospital_has_a_role_and_a_deleted_one_leaves_none(
    database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(actions, "dump", lambda record, moment: tmp_path / "dump")

    def there() -> set[str]:
        with inside_public(), connection.cursor() as cursor:
            return roles.existing(cursor)

    assert {"public", "h_mercy", "h_riverside"} <= there()
    made = actions.create_hospital(by=BY, slug="hilltop", name="Hilltop")
    assert made.schema_name in there()
    with inside_public(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit between the two would have done
    actions.delete_hospital(by=BY, slug="hilltop", confirmed_slug="hilltop")
    assert made.schema_name not in there()


@pytest.mark.security("S6")
def test_a_table_that_a_migration_adds_is_the_hospitals_own(database: None) -> None:
    made = actions.create_hospital(by=BY, slug="hilltop", name="Hilltop")
    with inside(made):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE added (x int GENERATED ALWAYS AS IDENTITY, y int)")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO added (y) VALUES (1)")


@pytest.mark.security("S6")
def test_a_schema_that_was_restored_from_a_dump_gets_its_rights_with_the_next_migration(mercy: HospitalRecord) -> None:
    """A dump holds no rights: what it made belongs to the owner alone."""
    with inside_public(), as_owner(), connection.cursor() as cursor:
        role = roles.role_of(roles.mark(cursor), mercy.schema_name)
        cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA h_mercy FROM "{role}"')
        cursor.execute(f'REVOKE ALL ON SCHEMA h_mercy FROM "{role}"')
    with inside(mercy), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_patient")
    migrating.migrate_all(lambda words: None)
    with inside(mercy), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_patient")


def test_looking_at_a_sound_wall_finds_that_it_holds(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    findings = walls.look_at(mercy)
    assert [f for f in findings if not f.holds] == []
    assert len(findings) > 10
    call_command("hospital", "check-walls", "mercy")


@pytest.mark.parametrize(
    ("breach", "what"),
    [
        ("GRANT USAGE ON SCHEMA h_riverside TO {role}", "No other schema"),
        ("GRANT SELECT ON h_riverside.access_patient TO {role}", "No other table"),
        ("GRANT UPDATE ON h_mercy.audit_event TO {role}", "append-only"),
        ("GRANT TRUNCATE ON h_mercy.access_patient TO {role}", "empty or change"),
        ("ALTER TABLE h_mercy.access_patient OWNER TO {role}", "owns nothing"),
        ("ALTER ROLE {role} BYPASSRLS", "no power"),
        ("GRANT {other} TO {role}", "no other role"),
        ("GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON public.accounts_user TO {role}", "names public"),
    ],
)
def test_a_breach_in_the_wall_is_found_and_named(
    mercy: HospitalRecord, riverside: HospitalRecord, breach: str, what: str
) -> None:
    with inside(mercy), as_owner(), connection.cursor() as cursor:
        role, other = (f'"{roles.role_of(roles.mark(cursor), h.schema_name)}"' for h in (mercy, riverside))
        cursor.execute(breach.format(role=role, other=other))
    assert any(what in f.what and not f.holds for f in walls.look_at(mercy))
    with pytest.raises(CommandError, match="do not hold"):
        call_command("hospital", "check-walls", "mercy")


def started(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_ADMIN_URL", "PORTICO_RUNTIME"}}
    env |= {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]), **environment}
    return subprocess.run(
        [sys.executable, *command], env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


WEB = ["-c", "import config.wsgi"]
WORKER = ["-m", "celery", "--app", "config.celery_app", "worker", "--pool", "solo"]


@pytest.mark.security("S6")
@pytest.mark.parametrize("command", [WEB, WORKER], ids=["web", "worker"])
def test_nothing_serves_with_a_login_that_could_do_more(
    lasting_database: None, tmp_path: Path, command: list[str]
) -> None:
    from tests.conftest import address_of

    demo = {"DJANGO_SETTINGS_MODULE": "config.settings.demo", "PORTICO_VAR": str(tmp_path), "PORTICO_RUNTIME": "yes"}
    owner = address_of(connection.settings_dict["NAME"])
    powerful = started(command, DATABASE_URL=owner, **demo)
    assert powerful.returncode != 0
    assert "which is a superuser" in powerful.stdout + powerful.stderr
    both = started(command, DATABASE_URL=owner, DATABASE_ADMIN_URL=owner, **demo)
    assert both.returncode != 0
    assert "Only the provisioner may hold the owner's connection" in both.stdout + both.stderr


@pytest.mark.security("S6")
def test_the_web_server_starts_with_the_login_that_owns_nothing(runtime: str, tmp_path: Path) -> None:
    fine = started(
        [*WEB[:1], "import config.wsgi; print('it starts')"], DATABASE_URL=runtime, PORTICO_RUNTIME="yes",
        DJANGO_SETTINGS_MODULE="config.settings.demo", PORTICO_VAR=str(tmp_path),
    )  # fmt: skip
    assert "it starts" in fine.stdout, fine.stderr

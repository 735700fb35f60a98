"""A hospital's life: made whole or not at all, found by its host, suspended, deleted after a dump."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from foundation.audit import Actor
from foundation.database import as_owner, roles
from foundation.registry import on_hospital_created
from foundation.tenancy import HospitalRecord, inside, inside_public
from tenants import actions, migrating, queries
from tenants.errors import HospitalExists, HospitalInvalid, NotConfirmed
from tenants.models import Domain, Hospital, TemplateText
from tenants.template import TEMPLATE_SCHEMA

BY = Actor.command("tests")


def schemas() -> set[str]:
    with inside_public(), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'h\\_%'")
        return {row[0] for row in cursor.fetchall()}


def names(schema: str) -> list[tuple[Any, ...]]:
    """Every column, constraint, index and trigger of a schema, by name and kind."""
    with inside_public(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 'constraint', conrelid::regclass::text, conname, contype::text
              FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace WHERE nspname = %(s)s
            UNION ALL SELECT 'index', tablename, indexname, '' FROM pg_indexes WHERE schemaname = %(s)s
            UNION ALL SELECT 'column', table_name, column_name, data_type || coalesce(column_default, '')
              FROM information_schema.columns WHERE table_schema = %(s)s
            UNION ALL SELECT 'trigger', event_object_table, trigger_name, action_statement
              FROM information_schema.triggers WHERE trigger_schema = %(s)s
            """,
            {"s": schema},
        )
        return sorted(tuple(str(v).replace(schema, "SCHEMA") for v in row) for row in cursor.fetchall())


def test_a_new_hospital_is_the_template_name_by_name(database: None) -> None:
    made = actions.create_hospital(by=BY, slug="hilltop", name="Hilltop", brand="#00a651")
    assert names(made.schema_name) == names(TEMPLATE_SCHEMA)


@pytest.mark.security("P17")
def test_a_new_hospital_has_a_site_at_its_own_host_and_no_person(database: None) -> None:
    from wagtail.models import Site

    from portal.accounts.models import User

    made = actions.create_hospital(by=BY, slug="hilltop", name="Hilltop", domain="portal.hilltop.example")
    with inside(made):
        assert list(Site.objects.values_list("hostname", flat=True)) == ["portal.hilltop.example"]
        assert User.objects.count() == 0


@pytest.mark.parametrize("step", range(3))
def test_a_failure_at_any_step_leaves_nothing_behind(
    database: None, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before, rows = schemas(), set(queries.all_hospitals())

    def fail(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    if step == 0:
        monkeypatch.setattr(Domain, "save", fail)
    elif step == 1:
        monkeypatch.setattr(actions, "_load_schema", fail)
    else:
        monkeypatch.setitem(on_hospital_created._values, "zz.fails", fail)
    with pytest.raises(KeyboardInterrupt):
        actions.create_hospital(by=BY, slug="hilltop", name="Hilltop")
    assert schemas() == before
    assert set(queries.all_hospitals()) == rows


@pytest.mark.security("S13")
@pytest.mark.parametrize(
    "slug", ["", "A", "1st", "a b", "a;drop", "ü-klinik", "pg_x'", "x" * 60, "-a", "a-", "public", "www"]
)
def test_a_strange_short_name_is_refused_in_words(database: None, slug: str) -> None:
    with pytest.raises(HospitalInvalid) as refused:
        actions.create_hospital(by=BY, slug=slug, name="Strange")
    assert str(refused.value)


@pytest.mark.parametrize("domain", ["mercy.localhost", "MERCY.localhost", "mercy.localhost."])
def test_a_host_belongs_to_one_hospital(mercy: HospitalRecord, domain: str) -> None:
    with pytest.raises(HospitalExists):
        actions.create_hospital(by=BY, slug="second", name="Second", domain=domain)


def test_a_bad_time_zone_is_refused_in_words(database: None) -> None:
    with pytest.raises(HospitalInvalid, match="not a time zone"):
        actions.create_hospital(by=BY, slug="hilltop", name="Hilltop", time_zone="Mars/Base")


def test_making_a_hospital_twice_says_that_it_is_there(mercy: HospitalRecord) -> None:
    out = io.StringIO()
    call_command("hospital", "create", "mercy", "--name", mercy.name, stdout=out)
    assert "there already" in out.getvalue()
    with pytest.raises(CommandError, match="there already"):
        call_command("hospital", "create", "mercy", "--name", "Another name")


def test_deleting_asks_for_the_short_name_and_dumps_first(database: None, settings: Any, tmp_path: Any) -> None:
    made = actions.create_hospital(by=BY, slug="hilltop", name="Hilltop")
    with pytest.raises(NotConfirmed):
        actions.delete_hospital(by=BY, slug="hilltop", confirmed_slug="hill")
    assert made.schema_name in schemas()


@pytest.fixture
def lasting_hospital(lasting_database: None) -> Iterator[HospitalRecord]:
    made = actions.create_hospital(by=BY, slug="lasting", name="Lasting")
    yield made
    with inside_public(), as_owner(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{made.schema_name}" CASCADE')
        roles.drop(cursor, made.schema_name)
        Domain.objects.filter(tenant__slug="lasting").delete()
        Hospital.objects.filter(slug="lasting")._raw_delete(using="default")


def test_a_deleted_hospital_stands_in_its_dump_and_nowhere_else(
    lasting_hospital: HospitalRecord, settings: Any, tmp_path: Any
) -> None:
    settings.PORTICO_VAR = tmp_path
    file = actions.delete_hospital(by=BY, slug="lasting", confirmed_slug="lasting")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"CREATE TABLE h_lasting.audit_event" in gzip.decompress(file.read_bytes())
    assert lasting_hospital.schema_name not in schemas()
    assert queries.hospital_by_slug("lasting") is None


def test_what_is_up_to_date_costs_one_query_for_all_schemas(
    mercy: HospitalRecord, riverside: HospitalRecord, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):  # the path, which schemas have the table, and the one query
        assert migrating.behind([mercy.schema_name, riverside.schema_name, TEMPLATE_SCHEMA]) == set()


def test_a_schema_that_lacks_a_migration_is_found(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy), as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    assert migrating.behind([mercy.schema_name, riverside.schema_name, "h_absent"]) == {mercy.schema_name, "h_absent"}


@pytest.mark.security("P22")
def test_migrating_goes_on_past_a_hospital_that_fails(
    mercy: HospitalRecord, riverside: HospitalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def run() -> None:
        from foundation.tenancy import current_schema

        done.append(current_schema())
        if current_schema() == mercy.schema_name:
            raise RuntimeError("a row stands in the way")

    late = {mercy.schema_name, riverside.schema_name}
    monkeypatch.setattr(migrating, "run_migrations", run)
    monkeypatch.setattr(migrating, "behind", lambda schemas: late & set(schemas))
    said: list[str] = []
    outcomes = {o.schema_name: o for o in migrating.migrate_all(said.append)}
    assert done == [mercy.schema_name, riverside.schema_name]
    assert outcomes[mercy.schema_name].state == "failed"
    assert "a row stands in the way" in outcomes[mercy.schema_name].error
    assert outcomes[riverside.schema_name].state == "migrated"


@pytest.mark.security("P23")
def test_the_templates_text_is_kept_once(database: None) -> None:
    with inside_public():
        assert TemplateText.objects.count() == 1


@pytest.mark.security("S3")
@pytest.mark.parametrize(
    "host",
    [
        "unknown.localhost",
        "mercy.localhost.evil.example",
        "localhost:80:80",
        "mercy_localhost",
        "mercy.localhost,riverside.localhost",
        "[::1]",
        "a b",
    ],
)
def test_an_unknown_host_gets_a_plain_404_that_names_nobody(mercy: HospitalRecord, host: str) -> None:
    answer = Client(HTTP_HOST=host).get("/")
    assert answer.status_code == 404
    assert b"Mercy" not in answer.content
    assert b"nothing here" in answer.content


@pytest.mark.security("S3", "P13")
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Host"])
def test_no_other_header_chooses_the_hospital(mercy: HospitalRecord, riverside: HospitalRecord, header: str) -> None:
    value = "host=riverside.localhost" if header == "Forwarded" else "riverside.localhost"
    plain = Client(HTTP_HOST="mercy.localhost").get("/robots.txt")
    tricked = Client(HTTP_HOST="mercy.localhost", headers={header: value}).get("/manifest.webmanifest")
    assert plain.status_code == 200
    assert b"Riverside" not in tricked.content


@pytest.mark.security("S3")
@pytest.mark.parametrize("host", ["MERCY.localhost", "mercy.localhost.", "mercy.localhost:8000"])
def test_the_same_host_written_otherwise_is_the_same_hospital(mercy: HospitalRecord, host: str) -> None:
    answer = Client(HTTP_HOST=host).get("/manifest.webmanifest")
    assert answer.status_code == 200
    assert b"Mercy" in answer.content


@pytest.mark.security("S12")
def test_a_suspended_hospital_answers_with_its_own_503(mercy: HospitalRecord) -> None:
    actions.set_status(by=BY, slug="mercy", status="suspended")
    answer = Client(HTTP_HOST="mercy.localhost").get("/sign-in/")
    assert answer.status_code == 503
    assert b"Mercy" in answer.content
    actions.set_status(by=BY, slug="mercy", status="live")
    assert Client(HTTP_HOST="mercy.localhost").get("/robots.txt").status_code == 200


def test_a_known_host_and_an_unknown_one_cost_no_sql_the_second_time(
    mercy: HospitalRecord, django_assert_num_queries: Any
) -> None:
    queries.hospital_for_host("mercy.localhost")
    queries.hospital_for_host("unknown.localhost")
    with django_assert_num_queries(0):
        assert queries.hospital_for_host("mercy.localhost") == mercy
        assert queries.hospital_for_host("unknown.localhost") is None


def test_health_answers_on_any_host_with_one_word(mercy: HospitalRecord) -> None:
    for path in ("/livez", "/readyz"):
        answer = Client(HTTP_HOST="no.such.host").get(path)
        assert len(answer.content.split()) == 1
        assert b"Mercy" not in answer.content

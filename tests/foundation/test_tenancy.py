"""A connection stands in one hospital, in public by name, or in nothing, which is an error."""

from __future__ import annotations

import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core import signing as django_signing
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, connection, transaction

from foundation.database import as_owner
from foundation.tenancy import (
    HospitalRecord,
    NoHospital,
    PublicSchema,
    check_schema_name,
    current_hospital,
    inside,
    inside_public,
    signing,
    standing,
)
from tenants.models import Hospital


def ask(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.security("S4")
def test_a_query_outside_any_hospital_is_refused(database: None) -> None:
    with pytest.raises(NoHospital):
        ask("SELECT 1")


@pytest.mark.security("S4")
def test_a_new_thread_stands_nowhere(mercy: HospitalRecord) -> None:
    seen: list[object] = []

    def work() -> None:
        try:
            ask("SELECT 1")
        except NoHospital as refused:
            seen.append(refused)
        finally:
            connection.close()

    with inside(mercy):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(seen) == 1


def test_leaving_goes_back_to_where_one_was(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        with inside(riverside):
            assert ask("SELECT current_schema()") == riverside.schema_name
        assert ask("SELECT current_schema()") == mercy.schema_name
    assert standing() is None


def test_leaving_by_an_error_goes_back_too(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        with pytest.raises(ZeroDivisionError), inside(riverside):
            _ = 1 / 0
        assert ask("SELECT current_schema()") == mercy.schema_name


@pytest.mark.security("S5")
def test_public_is_not_on_a_hospitals_path(in_mercy: HospitalRecord) -> None:
    path = str(ask("SHOW search_path"))
    assert "public" not in path
    with pytest.raises(DatabaseError), transaction.atomic():
        list(Hospital.objects.all())


@pytest.mark.security("S5")
def test_a_missing_table_is_an_error_and_not_a_row_of_everybodys(in_mercy: HospitalRecord) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event RENAME TO audit_event_gone")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_event (at, kind) VALUES (now(), 'x')")


@pytest.mark.security("P20")
def test_the_path_is_right_again_after_a_savepoint_was_rolled_back(
    mercy: HospitalRecord, riverside: HospitalRecord
) -> None:
    with inside(mercy):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), inside(riverside):
            assert ask("SELECT current_schema()") == riverside.schema_name
            _ = 1 / 0
        assert ask("SELECT current_schema()") == mercy.schema_name


def test_an_integrity_error_in_a_transaction_leaves_the_right_path(mercy: HospitalRecord) -> None:
    with inside_public():
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
            Hospital.objects.bulk_create([Hospital(slug="mercy", name="x", schema_name="h_other")])
        assert ask("SELECT current_schema()") == "public"
    with inside(mercy):
        assert ask("SELECT current_schema()") == mercy.schema_name


def test_a_server_side_cursor_first_reads_the_right_hospital(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    for hospital in (mercy, riverside):
        with inside(hospital), transaction.atomic():
            list(ContentType.objects.all().iterator(chunk_size=2))
            assert ask("SELECT current_schema()") == hospital.schema_name


def test_a_schema_is_not_entered_by_its_name(database: None) -> None:
    with pytest.raises(NoHospital):
        connection.set_schema("h_mercy")  # type: ignore[attr-defined]
    with pytest.raises(TypeError), Hospital():
        pass


def test_public_has_no_current_hospital(database: None) -> None:
    with inside_public(), pytest.raises(PublicSchema):
        current_hospital()


@pytest.mark.security("S13")
@pytest.mark.parametrize(
    "name",
    [
        "public",
        "pg_x",
        "a;b",
        'a"b',
        "a'b",
        "ab",
        "A_b",
        "h_mercy ",
        "h_merсy",
        "x" * 49,
        "1abc",
        "h-mercy",
        "h_m\n",
        "",
    ],
)
def test_a_strange_schema_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        check_schema_name(name)


@pytest.mark.security("P3")
def test_content_types_are_remembered_by_hospital(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    ids = {}
    for hospital in (mercy, riverside):
        with inside(hospital), as_owner(), connection.cursor() as cursor:
            cursor.execute("UPDATE django_content_type SET id = id + %s", [0 if hospital is mercy else 5000])
    for _ in range(2):
        for hospital in (mercy, riverside):
            with inside(hospital):
                ids[hospital.slug] = ContentType.objects.get_for_model(ContentType).pk
    assert ids["riverside"] == ids["mercy"] + 5000


@pytest.mark.security("S8")
def test_a_cache_key_carries_its_hospital(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        cache.set("word", "mercy's")
    with inside(riverside):
        assert cache.get("word") is None
    with pytest.raises(NoHospital):
        cache.get("word")


@pytest.mark.security("S2")
def test_a_signed_value_opens_only_where_it_was_signed(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        text = signing.dumps({"a": 1}, purpose="test")
        assert signing.loads(text, purpose="test") == {"a": 1}
        with pytest.raises(signing.BadSignature):
            signing.loads(text, purpose="another")
    with inside(riverside), pytest.raises(django_signing.BadSignature):
        signing.loads(text, purpose="test")

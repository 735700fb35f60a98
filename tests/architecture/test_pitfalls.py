"""What of the known pitfalls is seen without a request: apps, tables, settings, versions, keys."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.template import engines
from django.utils.module_loading import import_string

from config.settings import base
from foundation.tenancy import HospitalRecord, NoHospital, inside, inside_public, standing
from foundation.tenancy.commands import PUBLIC_COMMANDS
from tenants.models import Domain, Hospital

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s"


def tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.security("S5", "P2")
def test_tables_that_public_and_hospitals_both_have_are_those_of_the_list(in_mercy: HospitalRecord) -> None:
    """By design of the app lists: what stands in EVERYWHERE_APPS, and Django's own list of migrations."""
    everywhere = {
        model._meta.db_table
        for config in apps.get_app_configs() if config.name in settings.EVERYWHERE_APPS
        for model in config.get_models(include_auto_created=True)
    }  # fmt: skip
    both = tables("public") & tables(in_mercy.schema_name)
    assert both <= everywhere | {"django_migrations"}
    assert both >= {"accounts_user", "audit_event"}


@pytest.mark.security("P4")
def test_a_hospital_is_not_entered_by_the_models_own_with(in_mercy: HospitalRecord) -> None:
    hospital = Hospital(slug="x", schema_name="h_xyz")
    with pytest.raises(TypeError, match="inside"), hospital:
        pass
    with pytest.raises(TypeError, match="inside"):
        hospital.activate()


@pytest.mark.security("P7", "P12", "P24")
def test_what_keeps_one_state_for_all_hospitals_is_not_installed() -> None:
    for name in ("django.contrib.sites", "django_tenants", "django.contrib.sessions", "django.contrib.admin"):
        assert not apps.is_installed(name)
    assert not [name for name in settings.MIDDLEWARE if name.startswith("django_tenants")]
    loaders = engines["django"].engine.loaders  # type: ignore[attr-defined]
    assert "django_tenants" not in str(loaders)


@pytest.mark.security("S8", "P8", "P9", "P10")
def test_every_cache_has_keys_that_begin_with_the_schema(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    from foundation.tenancy.caches import make_key

    for caches in (base.CACHES, settings.CACHES):
        for alias, given in caches.items():
            assert import_string(str(given["KEY_FUNCTION"])) is make_key, alias
    keys = set()
    for hospital in (mercy, riverside):
        with inside(hospital):
            key = make_key("image-1-abc-fill-10x10", "", 1)
            assert key.startswith(f"{hospital.schema_name}:")
            keys.add(key)
    assert len(keys) == 2


@pytest.mark.security("P19")
def test_the_library_is_a_release_that_quotes_names() -> None:
    assert tuple(int(part) for part in version("django-tenants").split(".")[:3]) >= (4, 0, 1)
    locked = (Path(__file__).parents[2] / "requirements" / "base.txt").read_text()
    assert re.search(r"^django-tenants==4\.0\.[1-9]", locked, re.MULTILINE)


@pytest.mark.security("P21")
def test_an_error_in_a_transaction_goes_back_to_where_one_was(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    from django.db import transaction

    with inside(mercy):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), inside(riverside):
            1 / 0  # noqa: B018
        now = standing()
        assert now is not None
        assert now.schema_name == mercy.schema_name
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            assert cursor.fetchone() == (mercy.schema_name,)


@pytest.mark.security("P24")
def test_the_commands_that_begin_in_public_are_djangos_own() -> None:
    from django.core.management import get_commands

    given_by = {name: str(get_commands()[name]) for name in PUBLIC_COMMANDS}
    assert {app for app in given_by.values() if not app.startswith("django.")} <= {"tenants"}, given_by


@pytest.mark.security("P18")
def test_a_pool_of_threads_stands_nowhere(in_mercy: HospitalRecord) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from portal.access.models import Patient

    def count() -> Any:
        try:
            return Patient.objects.count()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for asked in [pool.submit(count) for _each in range(4)]:
            with pytest.raises(NoHospital):
                asked.result()


@pytest.mark.security("P17", "P29")
def test_the_librarys_own_ways_to_make_and_drop_a_schema_are_off() -> None:
    assert Hospital.auto_create_schema is False
    assert Hospital.auto_drop_schema is False
    assert Domain._meta.get_field("domain").unique


@pytest.mark.security("P28")
def test_the_list_of_hospitals_is_not_on_a_hospitals_path(in_mercy: HospitalRecord) -> None:
    from django.db.utils import ProgrammingError

    with pytest.raises(ProgrammingError, match="does not exist"):
        Hospital.objects.count()


def test_public_is_entered_by_name(database: None) -> None:
    with inside_public():
        assert Hospital.objects.count() == 2

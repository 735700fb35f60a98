"""Every model says what it holds of people, who hands it out and who takes it away (S65)."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError
from django.db.models import Model

from foundation.personal import (
    PERSONAL,
    Declaration,
    Holds,
    Kept,
    Subject,
    declarations,
    declared,
    delete_rows,
    erasers,
    health_tables,
    holds,
    personal,
)
from tests.portal.personal.table import PAGE, written

ALL = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def names(models: list[type[Model]]) -> list[str]:
    return sorted(model._meta.label for model in models)


@pytest.mark.security("S65")
def test_every_model_of_every_app_is_spoken_for() -> None:
    silent = names([model for model in ALL if declared(model) is None])
    assert not silent, f"Say in the app's module `personal` what these hold of people: {silent}"


def test_no_declaration_outlives_its_model() -> None:
    assert {said.model for said in declarations()} <= set(ALL)
    lists = {*settings.PUBLIC_APPS, *settings.EVERYWHERE_APPS, *settings.HOSPITAL_APPS}
    assert {said.model._meta.app_config.name for said in declarations()} <= lists


def test_each_app_of_ours_speaks_for_itself_in_a_module_of_its_own() -> None:
    ours = [c for c in apps.get_app_configs() if c.name.split(".")[0] in settings_packages() and list(c.get_models())]
    mute = [c.name for c in ours if find_spec(f"{c.name}.personal") is None]
    assert not mute
    for config in ours:
        import_module(f"{config.name}.personal")


def settings_packages() -> set[str]:
    return {"foundation", "portal", "console", "tenants", "themes", "cms", "billing"}


@pytest.mark.security("S65")
@pytest.mark.parametrize("said", personal(), ids=lambda said: said.label)
def test_personal_data_is_handed_out_and_taken_away_or_kept_for_a_reason(said: Declaration) -> None:
    assert said.export is not None, f"{said.label} has no exporter"
    assert said.erase is not None, f"{said.label} has no eraser"
    assert str(said.title), f"{said.label} has no words for the person whose data it is"
    if isinstance(said.erase, Kept):
        assert len(str(said.erase.reason)) > 20
    assert said.patient or said.person, f"{said.label}: nobody can be found in it"


@pytest.mark.security("S65")
@pytest.mark.parametrize("said", personal(), ids=lambda said: said.label)
def test_the_columns_that_a_declaration_names_exist(said: Declaration) -> None:
    columns = {f.attname for f in said.model._meta.concrete_fields}
    assert not said.patient or said.patient in columns
    assert said.hidden <= columns
    try:
        str(said.rows(Subject((uuid4(),), uuid4())).query)
    except FieldError as error:
        raise AssertionError(f"{said.label}: {error}") from error


def test_nobodys_rows_are_no_rows() -> None:
    """A subject without a patient and an account must not become a subject of everybody's."""
    assert all(said.rows(Subject()).query.is_empty() for said in declarations())


def test_health_data_names_its_patient() -> None:
    tables = health_tables()
    assert {"records_result", "ehr_resource", "ehr_resourcehistory"} <= tables.keys()
    assert all(tables.values())


def test_a_model_that_points_at_a_patient_or_a_person_is_called_nobodys_by_nobody() -> None:
    """A foreign key to somebody, or a column of that name, makes rows somebody's."""
    people = {apps.get_model("access.Patient"), apps.get_model("accounts.User")}
    wrong = []
    for said in declarations(Holds.NOTHING, Holds.TECHNICAL):
        fields = said.model._meta.concrete_fields
        if any(f.related_model in people or f.attname in {"patient_id", "user_id"} for f in fields):
            wrong.append(said.label)
    assert not wrong


def test_secrets_are_in_no_copy() -> None:
    secret = ("password", "secret", "digest", "seed", "key_hash", "token", "file_key", "hash")
    shown = [
        f"{said.label}.{column}"
        for said in personal()
        for column in said.columns
        if any(column == word or column.endswith(f"_{word}") for word in secret)
    ]
    assert not [name for name in shown if name not in HARMLESS]


HARMLESS = {"wagtaildocs.document.file_hash", "wagtailimages.image.file_hash"}


def test_rows_are_taken_before_those_they_point_at() -> None:
    order = [said.model for said in erasers()]
    for place, model in enumerate(order):
        for field in model._meta.concrete_fields:
            if field.related_model in order and field.related_model is not model:
                assert order.index(field.related_model) > place, f"{model.__name__} -> {field.related_model.__name__}"


def test_what_is_kept_does_not_hang_on_rows_that_are_deleted() -> None:
    """A row that the law keeps would go with the row that its foreign key points at."""
    deleted = {said.model for said in erasers() if said.erase is delete_rows}
    hanging = [
        f"{said.label}.{field.name}"
        for said in declarations()
        if isinstance(said.erase, Kept)
        for field in said.model._meta.concrete_fields
        if field.related_model in deleted
    ]
    assert not hanging


def test_nobody_can_speak_twice_for_one_model() -> None:
    from portal.records.models import Result

    with pytest.raises(ValueError, match="registered already"):
        holds(Result, Holds.NOTHING)
    assert {Holds.HEALTH, Holds.IDENTITY, Holds.ACCOUNT} == PERSONAL


def test_the_page_of_tables_is_of_now() -> None:
    page = PAGE.read_text()
    assert page == written(page), "run: python -m tests.portal.personal.table"

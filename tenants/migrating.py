"""Bringing `public`, the template and N hospitals up to date.

One query says which schemas lack a migration. What is up to date costs nothing more. The template goes first: where it
fails, no hospital is touched. A hospital that fails is written down, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection, transaction

from foundation import clock
from foundation.database import as_owner, roles
from foundation.database.base import EXTENSIONS, forget_content_types
from foundation.tenancy import PUBLIC, HospitalRecord, inside, inside_public
from tenants.models import SchemaState, TemplateText
from tenants.queries import all_hospitals
from tenants.template import TEMPLATE, TEMPLATE_SCHEMA, fingerprint, make_text, migration_names

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one schema: "current" (nothing to do), "migrated" or "failed" with the error's words."""

    schema_name: str
    state: str
    seconds: float = 0.0
    error: str = ""


def behind(schemas: Iterable[str]) -> set[str]:
    """Which of these schemas lack a migration that is on disk: one query over all of them."""
    names = migration_names()
    schemas = list(schemas)
    if not schemas:
        return set()
    with inside_public(), as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relname = 'django_migrations' AND n.nspname = ANY(%s)", [schemas],
        )  # fmt: skip
        with_table = [row[0] for row in cursor.fetchall()]
        if not with_table:
            return set(schemas)
        counts = " UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM \"{name}\".django_migrations m JOIN wanted w USING (app, name)"  # noqa: S608  (names of ours, values as parameters)
            for name in with_table
        )
        cursor.execute(
            f"WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS w(app, name)) {counts}",  # noqa: S608  (names of ours, values as parameters)
            [[app for app, _ in names], [name for _, name in names]],
        )
        done = {schema for schema, count in cursor.fetchall() if count >= len(names)}
    return set(schemas) - done


def is_current() -> bool:
    """Whether `public` and the template are up to date: what /readyz asks. The template's text is kept last."""
    with inside_public():
        return TemplateText.objects.filter(fingerprint=fingerprint()).exists()


def migrate_all(say: Say, *, only: str | None = None) -> list[Outcome]:
    """Migrates public, template and hospitals, and gives their roles what rights they lack. Needs the owner's
    connection. Goes on past a failing hospital."""
    with as_owner():
        return _migrate_all(say, only)


def _migrate_all(say: Say, only: str | None) -> list[Outcome]:
    _prepare_database()
    outcomes = []
    if behind([PUBLIC.schema_name]):
        say("The list of hospitals is being brought up to date.")
        outcomes.append(_migrate(PUBLIC))
    _make_login(say)
    hospitals = [h for h in all_hospitals() if only in (None, h.slug)]
    late = behind([PUBLIC.schema_name, TEMPLATE_SCHEMA, *(h.schema_name for h in hospitals)])
    if TEMPLATE_SCHEMA in late:
        say("The template of a new hospital is being made. This takes up to a minute.")
        outcomes.append(_migrate(TEMPLATE))
        if outcomes[-1].state == "failed":
            return outcomes
    _keep_text(say)
    give_missing_rights([PUBLIC.schema_name, *(h.schema_name for h in hospitals if h.schema_name not in late)])
    for number, hospital in enumerate(hospitals, 1):
        if hospital.schema_name not in late:
            outcomes.append(Outcome(hospital.schema_name, "current"))
            continue
        say(f"{number} of {len(hospitals)}: {hospital.slug} is being brought up to date.")
        outcomes.append(_migrate(hospital))
    return outcomes


def _prepare_database() -> None:
    with inside_public(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [EXTENSIONS])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{EXTENSIONS}"')
        roles.close_the_database(cursor)


def take_over() -> None:
    """Gives every schema its role in a database that was copied or restored: the roles' names carry its number."""
    with as_owner():
        with inside_public(), connection.cursor() as cursor:
            roles.close_the_database(cursor)
        _make_login(lambda words: None)
        give_missing_rights([PUBLIC.schema_name, *(h.schema_name for h in all_hospitals())])


def _make_login(say: Say) -> None:
    """Web's and workers' login, where both addresses are known. It may take `public`'s role, and so all others."""
    login = settings.PORTICO_RUNTIME_LOGIN
    with inside_public(), transaction.atomic(), connection.cursor() as cursor:
        roles.give(cursor, PUBLIC.schema_name)
        if login.name and login.name not in roles.logins(cursor):
            say(f"The login {login.name} is being made: web and workers use it, and it owns nothing.")
            roles.make_login(cursor, login)


def give_missing_rights(schemas: list[str]) -> None:
    """Schemas whose role is missing, or lost its rights in a restore, or has them by other rules, get them now."""
    with inside_public(), connection.cursor() as cursor:
        there = roles.entering(cursor)
        given = dict(SchemaState.objects.values_list("schema_name", "rights"))
        for schema in schemas:
            if schema not in there or given.get(schema) != roles.rights_as_written(schema):
                with transaction.atomic():
                    roles.give(cursor, schema)
                    keep_state(schema, SchemaState.State.CURRENT)


def keep_state(schema_name: str, state: str, error: str = "", seconds: float = 0) -> None:
    """Writes down how a schema stands, and by which rules its role has its rights. In `public`, as the owner."""
    with inside_public():
        SchemaState.objects.update_or_create(
            schema_name=schema_name,
            defaults={
                "state": state, "error": error, "seconds": seconds, "changed_at": clock.now(),
                "rights": "" if error else roles.rights_as_written(schema_name),
            },
        )  # fmt: skip


def _migrate(where: HospitalRecord) -> Outcome:
    began = time.monotonic()
    state, error = SchemaState.State.CURRENT, ""
    try:
        if where is not PUBLIC:
            with inside_public(), connection.cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{where.schema_name}"')
        with inside(where):
            run_migrations()
            if where is not TEMPLATE:
                with transaction.atomic(), connection.cursor() as cursor:
                    roles.give(cursor, where.schema_name)
    except Exception as problem:
        state, error = SchemaState.State.FAILED, f"{type(problem).__name__}: {problem}"
    seconds = time.monotonic() - began
    keep_state(where.schema_name, state, error, seconds)
    forget_content_types(where.schema_name)
    return Outcome(where.schema_name, "failed" if error else "migrated", seconds, error)


def run_migrations() -> None:
    """Django's own migrate in the schema where we stand."""
    Migrate().run_from_argv(["manage.py", "migrate", "--verbosity=0", "--no-input", "--skip-checks"])


def _keep_text(say: Say) -> None:
    name = fingerprint()
    with inside_public():
        if TemplateText.objects.filter(fingerprint=name).exists():
            return
        text = make_text()
        with transaction.atomic():
            TemplateText.objects.create(fingerprint=name, sql=text)
            TemplateText.objects.exclude(fingerprint=name).delete()
        say("The text of a new hospital is ready.")

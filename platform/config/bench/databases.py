"""The databases of a measurement: made once, kept between runs, made anew when the migrations have changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from psycopg import sql

from config.bench.progress import BenchFailed, say
from foundation.tenancy import stand
from tenants import queries
from tenants.migrating import migrate_all, take_over
from tenants.template import fingerprint

PREPARED = "portico_bench"


def url_of(name: str) -> str:
    """DATABASE_URL, with this database."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def use(name: str) -> None:
    """This process works in that database from now on, and remembers nothing of the one before."""
    connections.close_all()
    connection.settings_dict["NAME"] = name
    stand(None)
    queries.hosts.forget()
    ContentType.objects.__dict__.get("_stores", {}).clear()


@contextmanager
def server() -> Iterator[psycopg.Connection[Any]]:
    """A connection that makes and drops databases."""
    given = connection.settings_dict
    options = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    filled = {key: value for key, value in options.items() if value}
    with psycopg.connect(dbname="postgres", autocommit=True, **filled) as opened:
        yield opened


def prepared() -> str:
    """A database with `public` and the template, and no hospital."""
    return kept(PREPARED, "", _migrated)


def _migrated() -> None:
    failed = [outcome for outcome in migrate_all(say) if outcome.state == "failed"]
    if failed:
        raise BenchFailed(f"{failed[0].schema_name} cannot be migrated: {failed[0].error}")


def kept(name: str, of: str, fill: Callable[[], None]) -> str:
    """The database of that name, filled once for this state of the migrations, copied from `of` where one is named.

    Stands in it afterwards.
    """
    mark = state()
    with server() as opened:
        if _mark(opened, name) == mark:
            use(name)
            return name
        say(f"making the database {name} (once)")
        connections.close_all()
        _drop(opened, name)
        opened.execute(_made(name, of))
        use(name)
        if of:
            take_over()
        fill()
        opened.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(mark)))
    return name


@contextmanager
def passing(name: str) -> Iterator[str]:
    """A copy of the prepared database that is dropped at the end."""
    prepared()
    with server() as opened:
        connections.close_all()
        _drop(opened, name)
        opened.execute(_made(name, PREPARED))
        use(name)
        take_over()
        try:
            yield name
        finally:
            use(PREPARED)
            _drop(opened, name)


def state() -> str:
    """A name for the migrations as they are written: their names, and the text of ours."""
    digest = hashlib.sha256(fingerprint().encode())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.name):
        if Path(config.path).is_relative_to(settings.ROOT) and ".venv" not in config.path:
            for file in sorted(Path(config.path).glob("migrations/*.py")):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _made(name: str, of: str) -> sql.Composed:
    made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    return made + sql.SQL(" TEMPLATE {}").format(sql.Identifier(of)) if of else made


def _drop(opened: psycopg.Connection[Any], name: str) -> None:
    opened.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _mark(opened: psycopg.Connection[Any], name: str) -> str | None:
    row = opened.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return row[0] if row else None

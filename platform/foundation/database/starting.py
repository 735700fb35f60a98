"""What is looked at before a process serves: no pooler that mixes hospitals, no login that could do more than it must.

A pooler in transaction mode hands one server connection to whoever has a transaction just now. Path and role of one
hospital then answer another's query (docs/adr/0008-a-role-a-hospital.md has the figures). Its version does not matter:
some follow the search path, none follows the role.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

POOLER = (
    "The database stands behind a pooler that shares connections between transactions, which would mix hospitals. "
    "Use session pooling (PgBouncer: pool_mode = session), or no pooler, and start again."
)
TWO_HATS = (
    "DATABASE_ADMIN_URL is set here. Only the provisioner may hold the owner's connection: take it out of the "
    "environment of web and workers, and start again."
)
TOO_MUCH = (
    "DATABASE_URL logs in as {name}, which {what}. Web and workers need a login that owns nothing: "
    "`manage.py hospital migrate` with DATABASE_ADMIN_URL and DATABASE_URL makes it."
)
TIMES = 3


def connect() -> psycopg.Connection[Any]:
    """A connection of its own, with the process's own settings, outside Django."""
    parameters = connection.get_connection_params()
    wanted = {key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if parameters.get(key)}
    extra = {key: value for key, value in parameters.items() if key.startswith(("ssl", "gss"))}
    return psycopg.connect(**wanted, **extra, connect_timeout=10, autocommit=True)


def behind_a_transaction_pooler() -> bool:
    """Whether two connections that are open at once turn out to be one: the same server process answers both."""
    with ExitStack() as stack:
        both = [stack.enter_context(connect()) for _ in range(2)]
        for _ in range(TIMES):
            first, second = (one.execute("SELECT pg_backend_pid()").fetchone() for one in both)
            if first == second:
                return True
    return False


def refuse_transaction_pooler() -> None:
    """SystemExit with a sentence where a pooler could mix hospitals."""
    if behind_a_transaction_pooler():
        raise SystemExit(POOLER)


def refuse_powerful_login() -> None:
    """SystemExit with a sentence where this process's login is more than a web server's may be."""
    if settings.PORTICO_OWNS_DATABASE:
        if not settings.PORTICO_DEMO:
            raise SystemExit(TWO_HATS)
        return
    if os.environ.get("DATABASE_ADMIN_URL"):
        raise SystemExit(TWO_HATS)
    with connect() as opened:
        row = opened.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication, rolinherit, "
            "EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid) "
            "OR EXISTS (SELECT 1 FROM pg_namespace WHERE nspowner = r.oid) "
            "OR EXISTS (SELECT 1 FROM pg_database WHERE datdba = r.oid) "
            "FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
    assert row is not None
    name, *powers = row
    for holds, what in zip(powers, POWERS, strict=True):
        if holds:
            raise SystemExit(TOO_MUCH.format(name=name, what=what))


POWERS = (
    "is a superuser",
    "may make roles",
    "may make databases",
    "stands above row security",
    "may copy the whole server",
    "inherits the rights of every hospital",
    "owns tables",
)


def before_serving() -> None:
    """Called by the web server and the worker before their first request or task. SystemExit with a sentence."""
    try:
        refuse_powerful_login()
        refuse_transaction_pooler()
    except psycopg.OperationalError as problem:
        raise SystemExit(no_answer(problem)) from None


def no_answer(problem: psycopg.OperationalError) -> str:
    said = str(problem).strip().splitlines()[-1]
    return f"The database does not answer. Look at DATABASE_URL. It says: {said}"

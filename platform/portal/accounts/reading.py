"""A session and its person: the one statement with which every request of somebody signed in begins.

Its text is made once a process, of the models' own fields. To have the ORM write it anew for each request takes longer
than PostgreSQL needs to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from portal.accounts.models import Session, User

_text: list[str] = []  # process-wide: a statement without a schema and without a value


def session_and_person(digest: str) -> Session | None:
    """The session of that digest, with `user` at hand."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [digest])
        found = cursor.fetchone()
    if found is None:
        return None
    own = len(Session._meta.concrete_fields)
    row = _instance(Session, found[:own])
    owner = _instance(User, found[own:]) if row.user_id else None
    Session._meta.get_field("user").set_cached_value(row, owner)
    return row


def _statement() -> str:
    if not _text:
        columns = ", ".join([_columns(Session, "session"), _columns(User, "person")])
        _text.append(
            f"SELECT {columns} FROM {Session._meta.db_table} AS session "  # noqa: S608  (names of our own models)
            f"LEFT JOIN {User._meta.db_table} AS person ON person.id = session.user_id WHERE session.digest = %s"
        )
    return _text[0]


def _columns(model: type[models.Model], name: str) -> str:
    return ", ".join(f'{name}."{field.column}"' for field in model._meta.concrete_fields)


def _instance[M: models.Model](model: type[M], values: Sequence[Any]) -> M:
    """A row as the ORM would make it, the fields' own conversions included."""
    fields = model._meta.concrete_fields
    read = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, values, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], read)

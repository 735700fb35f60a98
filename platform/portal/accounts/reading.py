"""A session and its person: the one statement with which every request of somebody signed in begins.

Its text is made once a process, of the models' own fields. To have the ORM write it anew for each request takes longer
than PostgreSQL needs to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from foundation.registry import Registry
from foundation.tenancy import PUBLIC, current_schema
from portal.accounts.models import Session, User

beside_person: Registry[str] = Registry("read beside a person")
"""What a package above reads of the person in the same statement, in hospitals only: an SQL expression over `person`
that gives JSON as text."""

# Process-wide: statements without a schema and without a value, the one for hospitals and the one for `public`.
_texts: dict[bool, str] = {}


def session_and_person(digest: str) -> Session | None:
    """The session of that digest, with `user` at hand, and in `user.beside` what was registered."""
    in_hospital = current_schema() != PUBLIC.schema_name
    with connection.cursor() as cursor:
        cursor.execute(_statement(in_hospital), [digest])
        found = cursor.fetchone()
    if found is None:
        return None
    own, end = len(Session._meta.concrete_fields), len(Session._meta.concrete_fields) + len(User._meta.concrete_fields)
    row = _instance(Session, found[:own])
    owner = _instance(User, found[own:end]) if row.user_id else None
    Session._meta.get_field("user").set_cached_value(row, owner)
    if owner is not None and in_hospital:
        owner.beside = dict(zip(beside_person, found[end:], strict=True))
    return row


def _statement(in_hospital: bool) -> str:
    if in_hospital not in _texts:
        more = list(beside_person.values()) if in_hospital else []
        columns = ", ".join([_columns(Session, "session"), _columns(User, "person"), *more])
        _texts[in_hospital] = (
            f"SELECT {columns} FROM {Session._meta.db_table} AS session "  # noqa: S608  (names of our own models)
            f"LEFT JOIN {User._meta.db_table} AS person ON person.id = session.user_id WHERE session.digest = %s"
        )
    return _texts[in_hospital]


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

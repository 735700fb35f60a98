"""Where a piece of work stands: in one hospital, in `public` by name, or nowhere, which is an error.

`inside(hospital)` is the only way in. It restores what was there before, nothing included. The database backend
(`foundation.database`) turns the answer into the connection's search path; the caches, the signers and the tasks of
this package put it into every key, salt and argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS, connections
from django.db import connection as _django_connection

SCHEMA_NAME = re.compile(r"^[a-z][a-z0-9_]{2,47}\Z")
RESERVED = frozenset({"public", "extensions", "information_schema"})
ZERO = UUID(int=0)


class NoHospital(RuntimeError):
    """Work that touches the database was started outside any hospital."""


class PublicSchema(RuntimeError):
    """Work that belongs to a hospital was started in `public`."""


@dataclass(frozen=True, slots=True)
class HospitalRecord:
    """What the process knows of a hospital without asking the database. Frozen: a change makes a new one."""

    id: UUID
    slug: str
    name: str
    schema_name: str
    time_zone: str
    languages: tuple[str, ...]
    status: str
    host: str
    theme_hash: str


class EndedElsewhere(RuntimeError):
    """Work that began in one hospital ended in another, or nowhere: what it made cannot be trusted."""


class _Connection(Protocol):
    """What `foundation.database` adds to Django's connection."""

    tenant: HospitalRecord | None
    in_atomic_block: bool

    def close(self) -> None: ...

    def set_tenant(self, tenant: HospitalRecord) -> None: ...

    def leave(self) -> None: ...


_connection = cast(_Connection, _django_connection)
PUBLIC = HospitalRecord(ZERO, "public", "Portico", "public", "UTC", ("en", "es", "ar"), "live", "", "")


def check_schema_name(name: str) -> str:
    """The name itself, or ValueError: stricter than PostgreSQL, so that no quoting is ever needed (S13)."""
    if not SCHEMA_NAME.match(name) or name in RESERVED or name.startswith("pg_"):
        raise ValueError(f"{name!r} cannot be the name of a schema.")
    return name


@contextmanager
def inside(hospital: HospitalRecord) -> Iterator[HospitalRecord]:
    """Runs the block in this hospital's schema, then goes back to where the connection was."""
    before = stand(hospital)
    try:
        yield hospital
    finally:
        stand(before)


def inside_public() -> AbstractContextManager[HospitalRecord]:
    """`public`, by name: the hospitals' list, the vendor's people. A context manager."""
    return inside(PUBLIC)


def standing() -> HospitalRecord | None:
    """Where the connection stands, `public` included, or None."""
    return _connection.tenant


def stand(where: HospitalRecord | None) -> HospitalRecord | None:
    """Moves the connection there, or to nowhere. For middleware and workers; everybody else uses inside().

    Returns where it stood before.
    """
    connection = cast(_Connection, connections[DEFAULT_DB_ALIAS])  # once: each look through Django's proxy costs
    before = connection.tenant
    if where is None:
        connection.leave()
    else:
        connection.set_tenant(where)
    return before


def assert_still_in(where: HospitalRecord) -> None:
    """For the end of a request and a task: the connection stands where it was put.

    Raises EndedElsewhere, and closes the connection, so that nothing of the astray work is used again.
    """
    found = standing()
    if found is not None and found.schema_name == where.schema_name:
        return
    if not _connection.in_atomic_block:
        _connection.close()
    stand(None)
    raise EndedElsewhere(f"Work in {where.schema_name} ended in {found.schema_name if found else 'nothing'}.")


def current_schema() -> str:
    where = standing()
    if where is None:
        raise NoHospital("This work has entered no hospital. Use foundation.tenancy.inside().")
    return where.schema_name


def current_hospital() -> HospitalRecord:
    where = standing()
    if where is None:
        raise NoHospital("This work has entered no hospital. Use foundation.tenancy.inside().")
    if where.schema_name == PUBLIC.schema_name:
        raise PublicSchema("This belongs to a hospital, and was called in public.")
    return where


def hospital_zone() -> ZoneInfo:
    """The time zone of where we stand; UTC in `public`."""
    where = standing()
    return ZoneInfo(where.time_zone if where else "UTC")

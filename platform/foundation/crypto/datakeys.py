"""The wrapped data keys of the schema where we stand: read at each use, made at the first.

The row is read anew each time, which costs one statement, so that a key made in a transaction that is rolled back is
never used again, and a destroyed one is refused in every process at once. Only the unwrapping is kept (`cache`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from foundation import clock
from foundation.audit import Actor, trail
from foundation.audit.alarms import raise_alarm
from foundation.crypto.cache import Place, unwrapped
from foundation.crypto.errors import KeysAway, KeysDestroyed, Sealed
from foundation.crypto.port import Context, KeyStoreError
from foundation.crypto.stores import key_store
from foundation.logs import get_logger
from foundation.tenancy import NoHospital, current_schema, standing

log = get_logger(__name__)
LOCK = 7_204_005
_READ = "SELECT version, key_id, wrapped, state FROM crypto_datakey WHERE table_name = %s AND column_name = %s AND "


@dataclass(frozen=True, slots=True)
class DataKey:
    version: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of crypto_datakey, the key in it still wrapped."""

    version: int
    key_id: str
    wrapped: bytes
    state: str


def current(table: str, column: str) -> DataKey:
    """The key with which this column is sealed now; made where there is none yet."""
    return _opened(_current_row(table, column) or _make(table, column), table, column)


def numbered(table: str, column: str, version: int) -> DataKey:
    """The key of this version. Raises Sealed where there is none, KeysAway where the key store does not answer."""
    row = _one(_READ + "version = %s", [table, column, version])
    if row is None:
        raise Sealed("This secret does not open here.")
    return _opened(row, table, column)


def context(table: str, column: str) -> Context:
    return Context(current_schema(), table, column)


def lock() -> None:
    """One process at a time makes or changes keys of this schema; until the running transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, current_schema()])


def root_key() -> tuple[str, str] | None:
    """The id and the state of this schema's own key in the key store; None where there is none yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_id, state FROM crypto_rootkey ORDER BY state, id DESC LIMIT 1")
        found: tuple[str, str] | None = cursor.fetchone()
    return found


def add(table: str, column: str, version: int, key_id: str) -> Row:
    """A new data key, which is the current one from now on. Under the lock, in a transaction."""
    with asking_the_store():
        made = key_store().data_key(key_id, context(table, column))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crypto_datakey (table_name, column_name, version, key_id, wrapped, state, created_at) "
            "VALUES (%s, %s, %s, %s, %s, 'current', %s)",
            [table, column, version, key_id, made.wrapped, clock.now()],
        )
    return Row(version, key_id, made.wrapped, "current")


@contextmanager
def asking_the_store() -> Iterator[None]:
    """Turns the store's errors into ours: KeysAway where it may work later, Sealed where it never will."""
    try:
        yield
    except KeyStoreError as error:
        log.error("keys.refused" if error.permanent else "keys.away", code=error.code, schema=current_schema())
        if error.permanent:
            raise Sealed("This secret does not open here.") from error
        raise_alarm("keys.away", target=error.code)
        raise KeysAway from error


def _make(table: str, column: str) -> Row:
    """In the caller's transaction: with its rollback the row goes, and the store's key is found again by its name."""
    with transaction.atomic():
        lock()
        row = _current_row(table, column)  # somebody else may have been first
        return row or add(table, column, 1, _root())


def _root() -> str:
    found = root_key()
    if found is None:
        return _make_root()
    if found[1] != "active":
        raise KeysDestroyed("The keys of this hospital were destroyed.")
    return found[0]


def _make_root() -> str:
    store = key_store()
    with asking_the_store():
        key_id = store.create(_name(), hospital=current_schema())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crypto_rootkey (store, key_id, state, created_at) VALUES (%s, %s, 'active', %s)",
            [store.kind, key_id, clock.now()],
        )
    trail.write([trail.make("keys.made", by=Actor.system("keys"), target=("key", key_id))])
    return key_id


def _name() -> str:
    """The key's name in the store: a hospital that is made anew under the same short name gets another one."""
    where = standing()
    if where is None:
        raise NoHospital("This work has entered no hospital. Use foundation.tenancy.inside().")
    return f"{where.schema_name}-{where.id.hex}"


def _current_row(table: str, column: str) -> Row | None:
    return _one(_READ + "state = 'current'", [table, column])


def _one(statement: str, values: list[Any]) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return Row(found[0], found[1], bytes(found[2]), found[3]) if found else None


def _opened(row: Row, table: str, column: str) -> DataKey:
    if row.state == "destroyed":
        raise KeysDestroyed("The keys of this hospital were destroyed.")
    where = context(table, column)

    def unwrap() -> bytes:
        with asking_the_store():
            return key_store().unwrap(row.key_id, row.wrapped, where)

    place = Place(where.hospital, table, column, row.version, row.wrapped)
    return DataKey(row.version, unwrapped.get(place, seconds=settings.PORTICO_DATA_KEY_SECONDS, unwrap=unwrap))

"""Changing, checking and destroying the keys of the schema where we stand. No event says more than ids and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from foundation import clock
from foundation.actions import about, action
from foundation.audit import Actor
from foundation.crypto import datakeys
from foundation.crypto.cache import unwrapped
from foundation.crypto.columns import Column, current_version, present
from foundation.crypto.errors import NoKeys, OldSecrets, Sealed
from foundation.crypto.port import KeyStoreError
from foundation.crypto.sealing import FINGERPRINTS, seal, unseal
from foundation.crypto.stores import key_store
from foundation.logs import get_logger
from foundation.tenancy import current_schema

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """`last`: the key of the last row that was looked at. `stuck`: rows that do not open here."""

    last: Any
    resealed: int
    stuck: int


@dataclass(frozen=True, slots=True)
class Checked:
    """How many sealed values open, and how many do not."""

    open: int
    shut: int


@action(event="keys.rotated")
def renew_keys(*, by: Actor) -> int:
    """A new version of the hospital's key, everything wrapped with it, and new data keys. How many of those.

    Values stay as they are, and open: `rotation` seals them anew. Raises NoKeys where there are none to renew.
    """
    datakeys.lock()
    key_id = _root_key()
    with datakeys.asking_the_store():
        _rotate(key_id)
    _wrap_anew(key_id)
    columns = _rows("SELECT table_name, column_name, version FROM crypto_datakey WHERE state = 'current' ORDER BY id")
    columns = [row for row in columns if row[:2] != FINGERPRINTS]
    for table, column, version in columns:
        _execute(
            "UPDATE crypto_datakey SET state = 'old' WHERE table_name = %s AND column_name = %s AND state = 'current'",
            table, column,
        )  # fmt: skip
        datakeys.add(table, column, version + 1, key_id)
    _execute("UPDATE crypto_rootkey SET rotated_at = %s WHERE key_id = %s", clock.now(), key_id)
    about(target=("key", key_id), count=len(columns))
    return len(columns)


@action(event="keys.resealed")
def reseal_batch(*, by: Actor, column: Column, after: Any, most: int) -> Batch:
    """Seals up to so many values with the column's current key. A value that somebody changes meanwhile is theirs."""
    found = column.not_under(current_version(column)).order_by("pk")
    found = found if after is None else found.filter(pk__gt=after)
    last, resealed, stuck = None, 0, 0
    for pk, row, text in found.values_list("pk", column.row, column.name)[:most]:
        last = pk
        try:
            fresh = seal(unseal(text, **column.place, row=str(row)), **column.place, row=str(row))
        except Sealed:
            stuck += 1
            continue
        unchanged = column.model._base_manager.filter(pk=pk, **{column.name: text})
        resealed += unchanged.update(**{column.name: fresh})
    about(target=("column", f"{column.table}.{column.name}"), count=resealed)
    return Batch(last, resealed, stuck)


@action(event="keys.retired")
def retire_old_keys(*, by: Actor) -> int:
    """Old data keys under which no value stands any more come to rest. They are kept: a dump may hold such values."""
    in_use = {(c.table, c.name): c for c in present()}
    retired = 0
    for key, table, name, version in _rows(
        "SELECT id, table_name, column_name, version FROM crypto_datakey WHERE state = 'old'"
    ):
        column = in_use.get((table, name))
        if column is None or not column.under(version).exists():
            _execute("UPDATE crypto_datakey SET state = 'retired', retired_at = %s WHERE id = %s", clock.now(), key)
            retired += 1
    about(count=retired)
    return retired


@action(event="keys.checked")
def check_keys(*, by: Actor) -> Checked:
    """Opens every sealed value, and forgets it."""
    opened = shut = 0
    for column in present():
        for row, text in column.sealed().values_list(column.row, column.name).iterator(chunk_size=500):
            try:
                unseal(text, **column.place, row=str(row))
                opened += 1
            except Sealed:
                shut += 1
    about(count=opened + shut)
    return Checked(opened, shut)


@action(event="keys.destroyed")
def destroy_keys(*, by: Actor) -> str:
    """Ends the hospital's key: what it sealed opens nowhere any more, in dumps and replicas neither. Its id.

    The store's key goes last: where that fails, everything stays as it was. Raises NoKeys and OldSecrets.
    """
    datakeys.lock()
    key_id = _root_key()
    if any(column.in_old_form().exists() for column in present()):
        raise OldSecrets
    about(target=("key", key_id), count=len(_rows("SELECT 1 FROM crypto_datakey WHERE state <> 'destroyed'")))
    _execute("UPDATE crypto_datakey SET state = 'destroyed', wrapped = '', retired_at = %s", clock.now())
    _execute("UPDATE crypto_rootkey SET state = 'destroyed', destroyed_at = %s WHERE state = 'active'", clock.now())
    with datakeys.asking_the_store():
        key_store().destroy(key_id)
    unwrapped.forget(current_schema())
    return key_id


def _root_key() -> str:
    found = datakeys.root_key()
    if found is None or found[1] != "active":
        raise NoKeys
    return found[0]


def _rotate(key_id: str) -> None:
    """A store that has had enough versions of a key is not a reason to keep the data keys as well."""
    try:
        key_store().rotate(key_id)
    except KeyStoreError as error:
        if error.code != "limit":
            raise
        log.warning("keys.not_rotated", code=error.code, schema=current_schema())


def _wrap_anew(key_id: str) -> None:
    for key, table, column, wrapped in _rows(
        "SELECT id, table_name, column_name, wrapped FROM crypto_datakey WHERE state <> 'destroyed' ORDER BY id"
    ):
        with datakeys.asking_the_store():
            fresh = key_store().rewrap(key_id, bytes(wrapped), datakeys.context(table, column))
        _execute("UPDATE crypto_datakey SET wrapped = %s WHERE id = %s", fresh, key)


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)

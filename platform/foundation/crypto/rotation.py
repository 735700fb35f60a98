"""Changing keys without a pause (S60): new keys first, which seal from then on, then the old values, batch by batch.

Every step is short and may be broken off: values under the old keys go on opening, and the next rotation, or the same
one run again, takes them along.
"""

from __future__ import annotations

from dataclasses import dataclass

from foundation.audit import Actor
from foundation.crypto import actions
from foundation.crypto.columns import Column, current_version, present
from foundation.crypto.datakeys import root_key

AT_ONCE = 200
PASSES = 3  # a request that was under way may write one more value with the key it had read


@dataclass(frozen=True, slots=True)
class Rotated:
    """`keys`: new data keys; `resealed`: values; `stuck`: values that do not open here; `retired`: old data keys."""

    keys: int = 0
    resealed: int = 0
    stuck: int = 0
    retired: int = 0


def rotate(*, by: Actor) -> Rotated:
    """Changes all keys of the schema where we stand. Raises NoKeys where they were destroyed."""
    columns = [column for column in present() if column.sealed().exists()]
    if root_key() is None and not columns:
        return Rotated()
    keys = actions.renew_keys(by=by) if root_key() is not None else 0
    resealed = stuck = 0
    for column in columns:
        done = reseal(by=by, column=column)
        resealed, stuck = resealed + done.resealed, stuck + done.stuck
    return Rotated(keys, resealed, stuck, actions.retire_old_keys(by=by))


def reseal(*, by: Actor, column: Column) -> Rotated:
    """Seals the column's values with its current key."""
    resealed = stuck = 0
    for _pass in range(PASSES):
        done = _once(by=by, column=column)
        resealed, stuck = resealed + done.resealed, done.stuck
        if column.not_under(current_version(column)).count() <= stuck:
            break
    return Rotated(resealed=resealed, stuck=stuck)


def _once(*, by: Actor, column: Column) -> Rotated:
    resealed = stuck = 0
    after = None
    while column.not_under(current_version(column)).exists():
        batch = actions.reseal_batch(by=by, column=column, after=after, most=AT_ONCE)
        if batch.last is None:
            break
        after, resealed, stuck = batch.last, resealed + batch.resealed, stuck + batch.stuck
    return Rotated(resealed=resealed, stuck=stuck)

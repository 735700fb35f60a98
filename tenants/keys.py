"""The hospitals' keys, one hospital after the other: list, change, check, destroy (docs/keys.md).

What is done to the keys of one schema stands in `foundation.crypto`; here is who has which, and the jobs by which the
provisioner is asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.audit.alarms import raise_alarm
from foundation.crypto import actions, datakeys, rotation
from foundation.crypto.columns import present
from foundation.crypto.errors import NoKeys
from foundation.crypto.port import KeyState, KeyStoreError
from foundation.crypto.stores import key_store
from foundation.errors import Refusal
from foundation.registry import Scheduled, provisioner_jobs, schedule
from foundation.tasks import every_place
from foundation.tenancy import PUBLIC, HospitalRecord, inside, inside_public
from tenants import queries
from tenants.actions import schema_for
from tenants.errors import HospitalUnknown, NotConfirmed, StillServing
from tenants.models import SLUG, Hospital

DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key it is and how it stands. `slug` is empty for the key of a hospital that is gone."""

    slug: str
    schema_name: str
    key_id: str
    state: str
    versions: int
    old_form: int = 0


def find(slug: str) -> HospitalRecord:
    """A hospital, or the vendor's own schema under its name "public". Raises HospitalUnknown."""
    found = PUBLIC if slug == PUBLIC.slug else queries.hospital_by_slug(slug)
    if found is None:
        raise HospitalUnknown
    return found


def holders() -> Iterator[Holder]:
    """Every hospital and its key, then the keys in the store whose hospitals are gone."""
    seen = set()
    for where in every_place():
        with inside(where):
            root = datakeys.root_key()
            old_form = sum(column.in_old_form().count() for column in present())
        key_id = root[0] if root else ""
        seen.add(key_id)
        yield Holder(where.slug, where.schema_name, key_id, *_described(key_id), old_form)
    for key in key_store().known():
        if key.id not in seen:
            yield Holder("", key.hospital, key.id, key.state.value, key.versions)


def _described(key_id: str) -> tuple[str, int]:
    """How the store's key stands; what the store cannot say is said in its place."""
    if not key_id:
        return "none yet", 0
    try:
        said = key_store().describe(key_id)
    except KeyStoreError as error:
        return ("gone" if error.permanent else "not known"), 0
    return said.state.value, said.versions


def rotate(*, by: Actor, slug: str = "") -> dict[str, Any]:
    """The job "keys.rotate": new keys for one hospital, or for all where none is named. Goes on past one that fails."""
    done = []
    for where in [find(slug)] if slug else every_place():
        try:
            with inside(where):
                rotated = asdict(rotation.rotate(by=by))
            with inside_public():
                _rotated(by=by, slug=where.slug, count=rotated["keys"])
            done.append({"slug": where.slug, **rotated, "error": ""})
        except NoKeys as problem:  # destroyed: among all of them nothing to do, alone a mistake
            done.append({"slug": where.slug, **asdict(rotation.Rotated()), "error": str(problem) if slug else ""})
        except (Refusal, KeyStoreError, ValueError) as problem:
            done.append({"slug": where.slug, **asdict(rotation.Rotated()), "error": str(problem)})
    return {"hospitals": done}


def check(*, by: Actor, slug: str = "") -> dict[str, Any]:
    """The job "keys.check": opens every sealed value, and counts those that stay shut."""
    done = []
    for where in [find(slug)] if slug else every_place():
        with inside(where):
            root = datakeys.root_key()
            state = _described(root[0])[0] if root else "none yet"
            try:
                checked = asdict(actions.check_keys(by=by))
            except Refusal as problem:  # the key store is away, which has raised its own alarm
                checked = {"open": 0, "shut": 0, "error": str(problem)}
            if checked["shut"] and root and root[1] == "active":
                raise_alarm("keys.shut", target=root[0], detail=str(checked["shut"]))
        done.append({"slug": where.slug, "state": state, "error": "", **checked})
    return {"hospitals": done}


def destroy(*, by: Actor, slug: str, confirmed_slug: str) -> dict[str, Any]:
    """The job "keys.destroy": ends every key that was ever made under this short name, for good.

    Works for a hospital that is shut, and for one that was deleted: in its dumps what was sealed stays shut from then
    on. Raises HospitalUnknown, NotConfirmed, StillServing, NoKeys and OldSecrets.
    """
    if confirmed_slug != slug:
        raise NotConfirmed
    where = queries.hospital_by_slug(slug)
    if where is None and not re.match(SLUG, slug):
        raise HospitalUnknown
    if where is not None and where.status in {Hospital.Status.LIVE, Hospital.Status.ONBOARDING}:
        raise StillServing
    ended = []
    if where is not None:
        with inside(where):
            root = datakeys.root_key()
            if root is not None and root[1] == "active":  # a job that broke off here goes on with the rest
                ended.append(actions.destroy_keys(by=by))
    with inside_public():
        ended += _destroy_left_over(by=by, slug=slug)
    if not ended:
        raise HospitalUnknown if where is None else NoKeys
    return {"keys": ended}


@action(event="keys.rotated")
def _rotated(*, by: Actor, slug: str, count: int) -> None:
    about(target=("hospital", slug), count=count)


@action(event="keys.destroyed")
def _destroy_left_over(*, by: Actor, slug: str) -> list[str]:
    """Keys in the store that no row names any more: of a hospital of this short name that was deleted."""
    about(target=("hospital", slug))
    schema = schema_for(slug)
    left = [key.id for key in key_store().known() if key.hospital == schema and key.state is not KeyState.DESTROYED]
    for key_id in left:
        key_store().destroy(key_id)
    about(count=len(left))
    return left


def register() -> None:
    from tenants import tasks

    schedule.register("keys.check", Scheduled(tasks.check_keys.name, DAY))
    provisioner_jobs.register("keys.rotate", rotate)
    provisioner_jobs.register("keys.check", check)
    provisioner_jobs.register("keys.destroy", destroy)

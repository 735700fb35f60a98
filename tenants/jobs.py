"""What the provisioner does with hospitals, by the names under which it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from foundation.audit import Actor
from foundation.registry import provisioner_jobs
from tenants import actions, migrating, queries
from tenants.models import Hospital


def create(*, by: Actor, slug: str, name: str, **more: Any) -> dict[str, Any]:
    """Makes the hospital, or finds it: asked twice, because the first answer was lost, it is there once."""
    there = queries.hospital_by_slug(slug)
    made = there if there and there.name == name else None
    new = made is None
    if made is None:
        languages = tuple(more.pop("languages", None) or actions.DEFAULT_LANGUAGES)
        made = actions.create_hospital(by=by, slug=slug, name=name, languages=languages, **more)
    return {"slug": made.slug, "name": made.name, "host": made.host, "schema": made.schema_name, "new": new}


def _status(status: str) -> Callable[..., dict[str, Any]]:
    def change(*, by: Actor, slug: str) -> dict[str, Any]:
        return {"name": actions.set_status(by=by, slug=slug, status=status).name}

    return change


def delete(*, by: Actor, slug: str, confirmed_slug: str) -> dict[str, Any]:
    return {"dump": str(actions.delete_hospital(by=by, slug=slug, confirmed_slug=confirmed_slug))}


def migrate(*, by: Actor, only: str | None = None) -> dict[str, Any]:
    del by  # a migration is the deployment's, and stands in tenants_schemastate
    said: list[str] = []
    outcomes = migrating.migrate_all(said.append, only=only)
    return {
        "said": said,
        "outcomes": [
            {"schema": o.schema_name, "state": o.state, "seconds": o.seconds, "error": o.error} for o in outcomes
        ],
    }


def register() -> None:
    provisioner_jobs.register("hospital.create", create)
    provisioner_jobs.register("hospital.suspend", SUSPEND)
    provisioner_jobs.register("hospital.resume", RESUME)
    provisioner_jobs.register("hospital.delete", delete)
    provisioner_jobs.register("hospital.migrate", migrate)


SUSPEND, RESUME = _status(Hospital.Status.SUSPENDED.value), _status(Hospital.Status.LIVE.value)

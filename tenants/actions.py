"""Writes about hospitals: make, suspend, resume, delete. All of them stand in `public`.

All but the theme's hash need the owner's connection: they run in the provisioner, or in a command that was given it.
Who has neither asks (`tenants.provisioning.ask`).
"""

from __future__ import annotations

import gzip
import os
import subprocess
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.actions import about, action
from foundation.audit import Actor
from foundation.database import as_owner, roles
from foundation.database.base import forget_content_types
from foundation.registry import on_hospital_created, on_hospital_suspended
from foundation.storage import forget_files
from foundation.tenancy import HospitalRecord, check_schema_name, inside, inside_public
from tenants import hosts, queries
from tenants.errors import HospitalExists, HospitalInvalid, HospitalUnknown, NotConfirmed
from tenants.migrating import keep_state
from tenants.models import Domain, Hospital, SchemaState
from tenants.template import _environment, dsn, pg_dump, text_for

DEFAULT_LANGUAGES = ("en", "es", "ar")
CREATE_LOCK = 7_204_001
# Names of the portal's own places, in logs, in records and as hosts.
KEPT = frozenset({"public", "template", "portico", "www", "api", "admin", "mail", "static", "status", "vendor"})


def schema_for(slug: str) -> str:
    """The schema of a slug: h_ and the slug, with underscores."""
    return check_schema_name("h_" + slug.replace("-", "_"))


def create_hospital(
    *,
    by: Actor,
    slug: str,
    name: str,
    domain: str | None = None,
    brand: str = "#005eb8",
    time_zone: str = "America/New_York",
    languages: tuple[str, ...] = DEFAULT_LANGUAGES,
    status: str = Hospital.Status.LIVE,
) -> HospitalRecord:
    """Makes a hospital that serves at once. Everything or nothing: it is one transaction.

    Raises HospitalExists, HospitalInvalid (with the words of what is wrong) and NotPrepared.
    """
    with inside_public():
        record = _create(by=by, slug=slug, name=name, domain=domain or f"{slug}.{settings.PORTICO_BASE_HOST}",
                         brand=brand, time_zone=time_zone, languages=languages, status=status)  # fmt: skip
    changed()
    return record


def _is_taken(domain: str) -> bool:
    """Whether this host is the vendor's, another hospital's, or stands above or below one of those (S14)."""
    names = domain.split(".")
    above = [".".join(names[start:]) for start in range(len(names))]
    overlap = Q(domain__in=above) | Q(domain__endswith=f".{domain}")
    return domain in settings.PORTICO_PUBLIC_HOSTS or Domain.objects.filter(overlap).exists()


@action(event="hospital.created")
def _create(
    *, by: Actor, slug: str, name: str, domain: str, brand: str, time_zone: str, languages: tuple[str, ...], status: str
) -> HospitalRecord:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CREATE_LOCK])
    try:
        hospital = Hospital(slug=slug, name=name.strip(), schema_name=schema_for(slug), time_zone=time_zone,
                            languages=list(languages), status=status)  # fmt: skip
        host = Domain(domain=domain.strip().lower().rstrip("."), tenant=hospital, is_primary=True)
        hospital.full_clean(validate_unique=False)
        host.clean_fields(exclude=["tenant"])
    except (ValidationError, ValueError) as problem:
        raise HospitalInvalid(_words(problem)) from problem
    if slug in KEPT:
        raise HospitalInvalid(_("The portal itself uses this short name. Choose another one."))
    if Hospital.objects.filter(slug=slug).exists() or _is_taken(host.domain):
        raise HospitalExists
    about(target=("hospital", slug))
    with as_owner():
        hospital.save()
        host.save()
        record = hospital.record(host.domain)
        _load_schema(record)
    with inside(record):
        for make in on_hospital_created.values():
            make(by=by, hospital=record, brand=brand)
    hospital.refresh_from_db()
    return hospital.record(host.domain)


def _load_schema(record: HospitalRecord) -> None:
    """Runs the template's text, and gives the schema its role. The dump's own SETs are left out, so the search path
    stays as the backend set it."""
    text = text_for(record.schema_name)
    forget_content_types(record.schema_name)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL check_function_bodies = false")
        cursor.execute(text)
        roles.give(cursor, record.schema_name)
    keep_state(record.schema_name, SchemaState.State.CURRENT)


def _words(problem: Exception) -> str:
    return " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)


def changed() -> None:
    """Tells this process and the others that a hospital is another one now."""
    queries.hosts.forget()
    transaction.on_commit(hosts.announce_change)


def set_status(*, by: Actor, slug: str, status: str) -> HospitalRecord:
    """Suspends or resumes a hospital. Raises HospitalUnknown."""
    with inside_public():
        change = _suspend if status == Hospital.Status.SUSPENDED else _resume
        record = change(by=by, slug=slug)
    changed()
    return record


@action(event="hospital.suspended")
def _suspend(*, by: Actor, slug: str) -> HospitalRecord:
    record = _set(slug, status=Hospital.Status.SUSPENDED)
    with inside(record):
        for shut in on_hospital_suspended.values():
            shut(by=by, hospital=record)
    return record


@action(event="hospital.resumed")
def _resume(*, by: Actor, slug: str) -> HospitalRecord:
    return _set(slug, status=Hospital.Status.LIVE)


def set_theme_hash(*, by: Actor, hospital: HospitalRecord, theme_hash: str) -> None:
    """Remembers which stylesheet a hospital wears, so that no page has to look it up."""
    with inside_public():
        _set_theme_hash(by=by, slug=hospital.slug, theme_hash=theme_hash)
    changed()


@action(event="hospital.changed")
def _set_theme_hash(*, by: Actor, slug: str, theme_hash: str) -> None:
    _set(slug, theme_hash=theme_hash)


def _set(slug: str, **values: str) -> HospitalRecord:
    about(target=("hospital", slug), reason=" ".join(sorted(values)))
    with nullcontext() if values.keys() == {"theme_hash"} else as_owner():
        changed_rows = Hospital.objects.filter(slug=slug).update(**values, changed_at=clock.now())
    if not changed_rows:
        raise HospitalUnknown
    record = queries.hospital_by_slug(slug)
    assert record is not None
    return record


def delete_hospital(*, by: Actor, slug: str, confirmed_slug: str) -> Path:
    """Dumps a hospital's schema to a file, then drops it. Returns the dump. Raises HospitalUnknown, NotConfirmed."""
    with inside_public():
        record = queries.hospital_by_slug(slug)
        if record is None:
            raise HospitalUnknown
        if confirmed_slug != slug:
            raise NotConfirmed
        with as_owner():  # before anything is dumped: who is not the owner gets no dump either
            file = dump(record, clock.now())
        _delete(by=by, slug=slug, schema_name=record.schema_name)
    forget_content_types(record.schema_name)
    forget_files(record.schema_name)
    changed()
    return file


@action(event="hospital.deleted")
def _delete(*, by: Actor, slug: str, schema_name: str) -> None:
    about(target=("hospital", slug))
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{check_schema_name(schema_name)}" CASCADE')
            roles.drop(cursor, schema_name)
        Domain.objects.filter(tenant__slug=slug).delete()
        Hospital.objects.filter(slug=slug)._raw_delete(using="default")
        SchemaState.objects.filter(schema_name=schema_name).delete()


def dump(record: HospitalRecord, moment: datetime) -> Path:
    """The whole schema as compressed SQL, readable by its owner only."""
    folder = Path(settings.PORTICO_VAR) / "dumps"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{record.schema_name}-{moment:%Y%m%dT%H%M%S%f}.sql.gz"
    command = [pg_dump(), "--no-owner", "--no-privileges", f"--schema={record.schema_name}", "--dbname", dsn()]
    done = subprocess.run(command, capture_output=True, check=True, env=_environment())  # noqa: S603  (a program of ours to name, no shell)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(gzip.compress(done.stdout))
    return file

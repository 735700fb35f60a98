"""SQL of one's own, and migrations: they run in every hospital."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.rules import Rule, Source

SCHEMA = re.compile(
    r"\bh_[a-z]\w*\.|\bset\s+(session\s+|local\s+)?(role|search_path|session\s+authorization)\b|\breset\s+role\b",
    re.IGNORECASE,
)
OWN = ("config", "foundation", "portal", "console", "tenants", "themes", "cms", "billing")
# What a migration may use of our own: fields and constants that stay where they are.
STABLE = ("foundation.clock", "foundation.database.fields")


def formatted_expressions(source: Source) -> Iterator[ast.AST]:
    """RawSQL, .raw() and .extra() whose text is put together."""
    for node in source.nodes:
        if isinstance(node, ast.Call):
            name = source.dotted(node.func).rpartition(".")[2] or getattr(node.func, "attr", "")
            put_together = name in {"RawSQL", "raw"} and node.args and _put_together(node.args[0])
            if put_together or (name == "extra" and {k.arg for k in node.keywords} & {"where", "select", "tables"}):
                yield node


def _put_together(text: ast.AST) -> bool:
    if isinstance(text, ast.JoinedStr | ast.BinOp):
        return True
    return isinstance(text, ast.Call) and getattr(text.func, "attr", "") == "format"


def other_schemas(source: Source) -> Iterator[ast.AST]:
    """SQL that names a hospital's schema or changes role or path."""
    for node in source.nodes:
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and " " in text and SCHEMA.search(text):
            yield node


def live_code(source: Source) -> Iterator[ast.AST]:
    """A class or a call of ours. Functions that are only named (a default, a validator) are allowed: they stay."""
    for node in source.nodes:
        names = node.names if isinstance(node, ast.ImportFrom) and _is_own(node.module or "") else []
        if any(alias.name[0].isupper() for alias in names):
            yield node
        called = isinstance(node, ast.Call) and _is_own(source.dotted(node.func))
        is_class = isinstance(node, ast.Attribute) and node.attr[0].isupper() and _is_own(source.dotted(node))
        if called or is_class:
            yield node


def _is_own(dotted: str) -> bool:
    return dotted.partition(".")[0] in OWN and not dotted.startswith(STABLE)


RULES = [
    Rule(
        ("S6",),
        "SQL is a constant with parameters: what is put together can name another hospital's tables.",
        formatted_expressions,
        planted=(
            "RawSQL(f'SELECT {name}', [])",
            "from django.db.models.expressions import RawSQL\nRawSQL('SELECT %s' % name, [])",
            "Patient.objects.raw('SELECT ' + name)",
            "Patient.objects.extra(where=['x = 1'])",
        ),
        fine=("RawSQL('SELECT %s', [name])", "Patient.objects.raw('SELECT 1')"),
    ),
    Rule(
        ("S6",),
        "no SQL names a hospital's schema or changes role or path: the backend does, in one statement.",
        other_schemas,
        planted=(
            "cursor.execute('SELECT * FROM h_riverside.access_patient')",
            "cursor.execute('SET ROLE postgres')",
            "cursor.execute('SET search_path TO x')",
            "cursor.execute('RESET ROLE')",
        ),
        fine=("cursor.execute('SELECT * FROM access_patient')",),
        allowed={"platform/foundation/database": "the backend itself"},
    ),
    Rule(
        ("P22",),
        "a migration runs in hospitals of today and of years from now: it uses no class of ours and calls nothing.",
        live_code,
        planted=(
            "from portal.access.models import Patient",
            "import portal.access.models\nportal.access.models.Patient.objects.all()",
            "from tenants import actions\nactions.create_hospital(by=1)",
        ),
        fine=(
            "from foundation.clock import uuid7",
            "import tenants.models\nfield = CharField(validators=[tenants.models.check_time_zone])",
        ),
        migrations=True,
    ),
]

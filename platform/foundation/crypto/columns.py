"""The sealed columns of the schema where we stand, and what of them is sealed with which key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model, Q, QuerySet

from foundation.crypto.legacy import VERSION as OLD_FORM
from foundation.registry import sealed_columns


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column whose values last, and the field that names the row for which each was sealed."""

    model: type[Model]
    table: str
    name: str
    row: str

    @property
    def place(self) -> dict[str, str]:
        return {"table": self.table, "column": self.name}

    def sealed(self) -> QuerySet[Any]:
        """The rows that hold a sealed text."""
        return self.model._base_manager.exclude(Q(**{self.name: ""}) | Q(**{f"{self.name}__isnull": True}))

    def in_old_form(self) -> QuerySet[Any]:
        return self.sealed().filter(**{f"{self.name}__startswith": f"{OLD_FORM}."})

    def under(self, version: int) -> QuerySet[Any]:
        return self.sealed().filter(**{f"{self.name}__startswith": f"v2.{version}."})

    def not_under(self, version: int) -> QuerySet[Any]:
        return self.sealed().exclude(**{f"{self.name}__startswith": f"v2.{version}."})


def present() -> Iterator[Column]:
    """The registered columns whose tables stand in this schema: `public` and hospitals do not have the same ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = {row[0] for row in cursor.fetchall()}
    for key, said in sealed_columns.items():
        table, _, name = key.partition(".")
        if said.model and table in tables:
            yield Column(apps.get_model(said.model), table, name, said.row)


def current_version(column: Column) -> int:
    """The version of the key that seals this column now; 0 where there is none yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version FROM crypto_datakey WHERE table_name = %s AND column_name = %s AND state = 'current'",
            [column.table, column.name],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0

"""django-tenants' backend with the wall that the library leaves to its users (docs/adr/0002-the-wall.md).

- A connection starts in no schema. The first query outside raises NoHospital, in new threads too.
- `public` is never on a hospital's search path: a missing table is an error, not a row of everybody's.
- Path and role are set by one statement whose errors are raised: the login role has no rights of its own, and SQL that
  names another hospital's table is denied by the database (docs/adr/0008-a-role-a-hospital.md).
- Django's ContentType cache is one store a schema, so nothing has to be cleared and no thread refills another's.
"""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType, ContentTypeManager
from django.db import connection as default_connection
from django_tenants.postgresql_backend import base as library
from psycopg import pq

from foundation.database.roles import MARK, role_of
from foundation.tenancy import PUBLIC, HospitalRecord, NoHospital, check_schema_name

EXTENSIONS = "extensions"
ENTER = "SELECT set_config('search_path', %s, false), set_config('role', %s, false)"


class DatabaseWrapper(library.DatabaseWrapper):  # type: ignore[misc]
    """One connection and the hospital in which it stands."""

    include_public_schema = False
    search_path_set_schemas: list[str] | None
    _setting_search_path: bool
    owner = False
    mark = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leave()

    def init_connection_state(self) -> None:
        """Asks once a connection for the database's number, which stands in the roles' names."""
        self.mark = self.connection.execute(MARK).fetchone()[0]  # first: the rest may send statements already
        super().init_connection_state()

    def be_owner(self, owner: bool) -> None:
        """Keeps the login role's own rights, or takes the hospital's role again, from the next query on."""
        self.owner = owner
        self.search_path_set_schemas = None

    def leave(self) -> None:
        """Stands nowhere: the next query is refused."""
        self.tenant: HospitalRecord | None = None
        self.schema_name: str | None = None
        self.settings_dict["SCHEMA"] = None
        self.search_path_set_schemas = None

    def set_tenant(self, tenant: HospitalRecord, include_public: bool = False) -> None:
        """Stands in this hospital. The database hears of it with the next query."""
        del include_public  # never: HOUSE rule, whatever a library asks for
        if tenant.schema_name == self.schema_name and isinstance(self.tenant, HospitalRecord):
            self.tenant = tenant
            return
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.settings_dict["SCHEMA"] = tenant.schema_name
        self.search_path_set_schemas = None

    def set_schema(self, schema_name: str, include_public: bool = False, tenant_type: str | None = None) -> None:
        raise NoHospital("A schema is entered with foundation.tenancy.inside(), not by its name.")

    def set_schema_to_public(self) -> None:
        """The library calls this when it makes a connection and after its own work: neither may end in public."""
        self.leave()

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path:
            return
        if self.schema_name is None:
            raise NoHospital("A query was made outside any hospital. Use foundation.tenancy.inside().")
        if self.search_path_set_schemas:
            return
        if self._in_failed_transaction():
            return  # the next statement can only be the rollback, which forgets the path as well
        self._setting_search_path = True
        own = self.connection.cursor() if cursor is None else cursor
        try:
            own.execute(ENTER, [search_path(self.schema_name), self._role()])
        finally:
            self._setting_search_path = False
            if cursor is None:
                own.close()
        self.search_path_set_schemas = [self.schema_name]

    def _role(self) -> str:
        return (
            "none" if self.owner or not settings.PORTICO_DATABASE_ROLES else role_of(self.mark, self.schema_name or "")
        )

    def _in_failed_transaction(self) -> bool:
        return bool(self.connection.info.transaction_status == pq.TransactionStatus.INERROR)


def search_path(schema_name: str) -> str:
    """The path of a schema: itself, then the extensions', and nothing else."""
    if schema_name != PUBLIC.schema_name:
        check_schema_name(schema_name)
    return f'"{schema_name}", "{EXTENSIONS}"'


def _store(manager: ContentTypeManager) -> dict[Any, Any]:
    """The manager's cache of content types, of the schema in which this thread stands."""
    stores: dict[str, dict[Any, Any]] = manager.__dict__.setdefault("_stores", {})
    return stores.setdefault(getattr(default_connection, "schema_name", None) or "", {})


def _set_store(manager: ContentTypeManager, value: dict[Any, Any]) -> None:
    """Django's manager sets an empty cache when it is made: each schema's begins empty anyway."""


ContentTypeManager._cache = property(_store, _set_store)  # type: ignore[attr-defined]


def forget_content_types(schema_name: str) -> None:
    """A schema was dropped or made anew: its content types have other ids."""
    ContentType.objects.__dict__.get("_stores", {}).pop(schema_name, None)

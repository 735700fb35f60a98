"""Django's own wrapper. It answers "public" to whoever asks where it stands, and does nothing about it."""

from django.db.backends.postgresql import base

from foundation.tenancy import PUBLIC, HospitalRecord


class DatabaseWrapper(base.DatabaseWrapper):
    tenant: HospitalRecord = PUBLIC
    schema_name = PUBLIC.schema_name
    owner = True

    def be_owner(self, owner: bool) -> None:
        """There are no roles here."""

"""What a hospital's role may do with the tables of its own schema: everything but DDL, less where a table says so.

After each migration of a schema these rights are given anew (`foundation.database.roles`). A table that is not named
here may be read and written.
"""

USUAL = "SELECT, INSERT, UPDATE, DELETE"

# Wherever a table of this name stands, in `public` and in hospitals.
LIMITED: dict[str, str] = {
    "audit_event": "SELECT, INSERT",  # append-only by rights; a trigger says it a second time (S52)
    "audit_head": "SELECT",  # moved by the chain's trigger alone (S54)
    "audit_checkpoint": "SELECT",
    "audit_verified": "SELECT, UPDATE",
    "audit_alarm": "SELECT, INSERT, UPDATE",
    "crypto_rootkey": "SELECT, INSERT, UPDATE",  # keys come to rest, and are never taken away
    "crypto_datakey": "SELECT, INSERT, UPDATE",
    "django_migrations": "SELECT",
    "django_content_type": "SELECT",
    "auth_permission": "SELECT",
}

# In `public`: who the hospitals are is written by the provisioner alone.
LIMITED_IN_PUBLIC: dict[str, str] = {
    **LIMITED,
    "tenants_hospital": "SELECT, UPDATE (theme_hash, changed_at)",
    "tenants_domain": "SELECT",
    "tenants_templatetext": "SELECT",
    "tenants_schemastate": "SELECT",
    "tenants_job": "SELECT, INSERT",
}


def limited(schema_name: str) -> dict[str, str]:
    """The tables of this schema that allow less than USUAL, with what they allow."""
    return LIMITED_IN_PUBLIC if schema_name == "public" else LIMITED

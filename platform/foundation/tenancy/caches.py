"""Cache keys: every one begins with the schema in which it was made (P8)."""

from foundation.tenancy import current_schema


def make_key(key: str, key_prefix: str, version: int) -> str:
    return f"{current_schema()}:{key_prefix}:{version}:{key}"


def reverse_key(key: str) -> str:
    return key.split(":", 3)[3]

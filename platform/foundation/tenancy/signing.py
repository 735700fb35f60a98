"""Signed values that open in the hospital that signed them, and nowhere else (S2, P16)."""

from datetime import timedelta
from typing import Any

from django.core import signing

from foundation.tenancy import current_schema

BadSignature = signing.BadSignature


def salt(purpose: str) -> str:
    """A salt that carries the schema: for Django's own signers and token generators."""
    return f"portico:{current_schema()}:{purpose}"


def dumps(value: Any, *, purpose: str) -> str:
    return signing.dumps(value, salt=salt(purpose))


def loads(text: str, *, purpose: str, max_age: timedelta | None = None) -> Any:
    """The value. Raises BadSignature where it was not signed here, for this, or is too old."""
    return signing.loads(text, salt=salt(purpose), max_age=max_age)

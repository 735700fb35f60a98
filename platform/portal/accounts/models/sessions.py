"""A browser's session with this hospital. The cookie's key is not in the row: only a digest that carries the schema."""

from __future__ import annotations

from django.db import models
from django.utils.crypto import salted_hmac

from foundation.clock import now, uuid7
from foundation.tenancy import signing


def digest_of(session_key: str) -> str:
    """What stands for a session key in the table. A row copied to another hospital answers to no cookie (S2)."""
    return salted_hmac(signing.salt("accounts.session.key"), session_key, algorithm="sha256").hexdigest()


class Session(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.CASCADE, related_name="sessions")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now, editable=False)
    last_seen_at = models.DateTimeField(default=now)
    # Decided when the session begins, from the person's roles; a hospital may shorten it.
    idle_seconds = models.PositiveIntegerField()
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=["last_seen_at"], name="accounts_session_last_seen"),)

    def __str__(self) -> str:
        return f"session {self.id}"

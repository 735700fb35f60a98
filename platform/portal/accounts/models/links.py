"""Links that open once: a forgotten password, a first sign-in. The table holds a digest, never the token."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7


class OneTimeLink(models.Model):
    class Purpose(models.TextChoices):
        RESET = "reset", _("Choose a new password")
        WELCOME = "welcome", _("Set up your account")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="accounts_link_expiry"),)

    def __str__(self) -> str:
        return f"{self.purpose} link {self.id}"

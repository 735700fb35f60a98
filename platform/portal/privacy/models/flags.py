"""Patients whose record draws looks that have nothing to do with care: people in the news, colleagues, officials."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from foundation.clock import now, uuid7


class Flag(models.Model):
    """Each look by staff at a flagged patient's record is reported. Ended, never removed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey("access.Patient", on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
                               db_index=False)  # fmt: skip
    set_at = models.DateTimeField(default=now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
                                 db_index=False)  # fmt: skip
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["patient"], name="privacy_flag_one_open", condition=models.Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"flag {self.id}"

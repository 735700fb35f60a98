"""A patient's question about a look at their record, and the privacy officer's answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from foundation.clock import now, uuid7

LONGEST = 2000


class Question(models.Model):
    """`event_id` is the number of the audit event that it is about; without one it is about the whole list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey("access.Patient", on_delete=models.CASCADE, related_name="+", db_index=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    event_id = models.BigIntegerField(null=True)
    text = models.TextField(max_length=LONGEST)
    asked_at = models.DateTimeField(default=now)
    answer = models.TextField(max_length=LONGEST, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(fields=["patient", "-asked_at"], name="privacy_question_patient"),
            models.Index(fields=["asked_at"], name="privacy_question_open", condition=models.Q(answered_at=None)),
        )

    def __str__(self) -> str:
        return f"question {self.id}"

"""Copies of a record that a person asked for."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7

LIFE = timedelta(hours=settings.PORTICO_RECORD_COPY_HOURS)


class RecordExport(models.Model):
    """One PDF of a record: made in the background, kept for a day, in the hospital's own store."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        GONE = "gone", _("Gone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    patient = models.ForeignKey("access.Patient", on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    parts_ready = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=0)
    file_key = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(default=now)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["user", "-asked_at"], name="records_export_by_person"),)

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

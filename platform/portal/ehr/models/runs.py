"""The story of each synchronisation, and how far each patient has come."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7
from portal.ehr.models.connection import Connection


class SyncRun(models.Model):
    """One run over a hospital's patients. It is continued, not begun again, after an interruption."""

    class Mode(models.TextChoices):
        CHANGES = "changes", _("What is new")
        COMPARE = "compare", _("What is new, and what is gone")
        FULL = "full", _("Everything")
        CHOSEN = "chosen", _("Chosen patients")

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARTLY = "partly", _("Done, with gaps")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="runs")
    mode = models.CharField(max_length=10, choices=Mode.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(default=now)
    as_of = models.CharField(max_length=40, blank=True)
    finished_at = models.DateTimeField(null=True)
    patients_total = models.PositiveIntegerField(default=0)
    patients_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    fault = models.CharField(max_length=20, blank=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["connection", "-started_at"], name="ehr_syncrun_latest"),)

    def __str__(self) -> str:
        return f"{self.mode} {self.started_at:%Y-%m-%d %H:%M}"


class PatientProgress(models.Model):
    """Where the next increment of one patient begins, per kind, and which kinds could not be read.

    `since` maps a kind to the source's clock at its last complete reading; `missing` maps a kind to its fault.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="progress")
    fhir_id = models.CharField(max_length=200)
    patient = models.ForeignKey("access.Patient", on_delete=models.PROTECT, related_name="sync_progress")
    run = models.UUIDField(null=True)
    since = models.JSONField(default=dict)
    missing = models.JSONField(default=dict)
    synced_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["connection", "fhir_id"], name="ehr_progress_identity"),)

    def __str__(self) -> str:
        return self.fhir_id

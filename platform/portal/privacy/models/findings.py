"""What the report of unusual looks found, and each time that it was made."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7


class Finding(models.Model):
    """One rule fired for one person, on one day of the hospital's calendar, about one patient or none.

    `facts` are what the rule puts into its words: names, counts, hours, places. Nothing clinical.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To review")
        EXPLAINED = "explained", _("Explained")
        WRONG = "wrong", _("Not right")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.CharField(max_length=40)
    person_id = models.UUIDField(null=True)
    person_name = models.CharField(max_length=150)
    patient = models.ForeignKey("access.Patient", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    weight = models.PositiveSmallIntegerField()
    facts = models.JSONField(default=dict)
    event_ids = ArrayField(models.BigIntegerField(), default=list)
    event_count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    note = models.CharField(max_length=500, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
                                    db_index=False)  # fmt: skip
    reviewed_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(default=now)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["rule", "person_id", "patient", "day"], name="privacy_finding_once", nulls_distinct=False
            ),
        )
        indexes = (models.Index(fields=["state", "-day"], name="privacy_finding_state"),)

    def __str__(self) -> str:
        return f"{self.rule} {self.id}"


class Report(models.Model):
    """One run over a stretch of time. `off` are the rules that could not be asked, with the reason's code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    made_at = models.DateTimeField(default=now)
    made_by = models.CharField(max_length=150, blank=True)
    looks = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    off = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["-until"], name="privacy_report_until"),)

    def __str__(self) -> str:
        return f"report {self.id}"

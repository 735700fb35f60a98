"""Copies of everything that people asked for, and what they asked the hospital to correct or erase."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7

ANSWER_WITHIN = timedelta(days=30)


def answer_due() -> datetime:
    """GDPR 12(3) allows a month; HIPAA has 30 days for a copy and 60 for a correction (45 CFR 164.524, 164.526)."""
    return now() + ANSWER_WITHIN


class DataCopy(models.Model):
    """One ZIP of everything that is kept about a person: made in the background, handed out once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        FETCHED = "fetched", _("Downloaded")
        FAILED = "failed", _("Failed")
        GONE = "gone", _("Gone")

    class Fault(models.TextChoices):
        BROKEN = "broken", _("Something went wrong on our side.")
        QUEUE = "queue", _("The part of the portal that makes files does not answer.")
        RIGHTS = "rights", _("You may no longer open this record.")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    # Null for staff, who are nobody's patient here.
    patient = models.ForeignKey("access.Patient", null=True, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    fault = models.CharField(max_length=10, choices=Fault.choices, blank=True)
    parts_ready = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    file_key = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    asked_at = models.DateTimeField(default=now)
    ready_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["user", "-asked_at"], name="personal_copy_by_person"),)

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class DataRequest(models.Model):
    """What a patient asked of the hospital, and the answer. Outlives the patient's rows: there is no key to them."""

    class Kind(models.TextChoices):
        CORRECT = "correct", _("Something is wrong")
        ERASE = "erase", _("Erase my data")

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not done")
        WITHDRAWN = "withdrawn", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    patient_id = models.UUIDField(db_index=True)
    words = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=answer_due)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    rows_erased = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["patient_id"],
                condition=models.Q(kind="erase", state="open"),
                name="personal_request_one_erasure_open",
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="personal_request_queue"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

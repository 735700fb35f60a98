"""The record's tables. Events are written by `foundation.audit.trail` and never changed; the rest keeps them honest."""

from django.db import models

from foundation import clock


class AuditEvent(models.Model):
    """One event. `id` is its number in this schema's chain; the two hashes join it to the one before."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    actor_role = models.CharField(max_length=40, blank=True)
    on_behalf_of = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, blank=True)
    item_count = models.IntegerField(null=True)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    previous_hash = models.BinaryField(null=True)
    hash = models.BinaryField(null=True)

    class Meta:
        db_table = "audit_event"
        indexes = (
            models.Index(fields=["patient_id", "-at"], name="audit_patient_at"),
            models.Index(fields=["actor_id", "-at"], name="audit_actor_at"),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class AuditHead(models.Model):
    """The end of the chain, one row: the trigger on audit_event alone moves it, under this row's lock."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField()
    hash = models.BinaryField()
    previous = models.BinaryField()

    class Meta:
        db_table = "audit_head"
        constraints = (models.CheckConstraint(name="audit_one_head", condition=models.Q(id=1)),)

    def __str__(self) -> str:
        return str(self.sequence)


class AuditCheckpoint(models.Model):
    """Up to here events were removed when their years were over. Signed, and anchored outside like a head."""

    sequence = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()
    removed = models.BigIntegerField()
    made_at = models.DateTimeField()
    signed = models.TextField()

    class Meta:
        db_table = "audit_checkpoint"

    def __str__(self) -> str:
        return str(self.sequence)


class AuditVerified(models.Model):
    """How far verification came, one row: the newest event it found right, and where its slow round stands."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.BinaryField(null=True)
    round_at = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    whole_at = models.DateTimeField(null=True)
    anchored_at = models.DateTimeField(null=True)
    anchored = models.BigIntegerField(default=0)

    class Meta:
        db_table = "audit_verified"
        constraints = (models.CheckConstraint(name="audit_one_verified", condition=models.Q(id=1)),)

    def __str__(self) -> str:
        return str(self.sequence)


class Alarm(models.Model):
    """Something that somebody must look at. One open row a kind and target; what comes again is counted."""

    id = models.UUIDField(primary_key=True, default=clock.uuid7, editable=False)
    kind = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    count = models.IntegerField(default=1)
    first_at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "audit_alarm"
        constraints = (
            models.UniqueConstraint(
                name="audit_alarm_open", fields=["kind", "target"], condition=models.Q(closed_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.target}".strip()

"""The table of events. Rows are written by `foundation.audit.trail`, and never changed."""

from django.db import models


class AuditEvent(models.Model):
    """One event. `id` is its number in this schema; the two hashes are for the chain that joins them."""

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

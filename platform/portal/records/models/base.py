"""What all projected rows have in common."""

from datetime import date

from django.db import models

from foundation.clock import uuid7


class Projection(models.Model):
    """One thing of a patient's chart. `id` is made from the resource's own id, so that addresses last.

    `source_id` is the mirror's row. Dates are kept as the source wrote them, with their precision; `sort_at` and
    `sort_day` only put rows in order.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey("access.Patient", on_delete=models.CASCADE, db_index=False, related_name="+")
    source_id = models.UUIDField()
    source_type = models.CharField(max_length=60)
    fhir_id = models.CharField(max_length=200)
    title = models.TextField(blank=True)
    status = models.CharField(max_length=60, blank=True)
    date_text = models.CharField(max_length=60, blank=True)
    date_precision = models.CharField(max_length=10, blank=True)
    end_text = models.CharField(max_length=60, blank=True)
    end_precision = models.CharField(max_length=10, blank=True)
    sort_at = models.DateTimeField(null=True)
    sort_day = models.DateField(default=date.min)
    detail = models.JSONField(default=dict)

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source_type}/{self.fhir_id}"

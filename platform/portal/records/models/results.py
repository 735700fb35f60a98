"""Results and the reports that gather them. Links between rows are ids without constraints: rows are replaced alone,
and what they point to may come with a later synchronisation, or never."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.records.models.base import Projection


class Result(Projection):
    """An Observation, or one component of one. `value_text` holds a number exactly as the source wrote it."""

    part = models.CharField(max_length=20, blank=True)
    parent_id = models.UUIDField(null=True)
    parent_title = models.TextField(blank=True)
    panel_id = models.UUIDField(null=True)
    visit_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    group_id = models.UUIDField()
    shelf = models.CharField(max_length=10)
    loinc = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=100, blank=True)
    code_system = models.CharField(max_length=200, blank=True)
    value_kind = models.CharField(max_length=12, default="none")
    value_text = models.TextField(blank=True)
    value_number = models.DecimalField(max_digits=None, decimal_places=None, null=True)
    comparator = models.CharField(max_length=4, blank=True)
    unit = models.TextField(blank=True)
    unit_code = models.TextField(blank=True)
    low_text = models.TextField(blank=True)
    high_text = models.TextField(blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    interpretation = models.TextField(blank=True)
    issued_text = models.CharField(max_length=60, blank=True)
    pending = models.BooleanField(default=False)

    class Meta(Projection.Meta):
        indexes = (
            models.Index(fields=["patient", "sort_day", "group_id", "id"], name="records_result_by_day"),
            models.Index(fields=["patient", "loinc", "-sort_at"], name="records_result_by_test"),
        )


class Panel(Projection):
    """A report. `listed` says that it is to be shown beside its results: it has words or files of its own, or none."""

    visit_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    group_id = models.UUIDField()
    shelf = models.CharField(max_length=10)
    loinc = models.CharField(max_length=20, blank=True)
    result_ids = ArrayField(models.UUIDField(), default=list)
    listed = models.BooleanField(default=True)
    pending = models.BooleanField(default=False)
    issued_text = models.CharField(max_length=60, blank=True)

    class Meta(Projection.Meta):
        indexes = (models.Index(fields=["patient", "sort_day", "group_id", "id"], name="records_panel_by_day"),)

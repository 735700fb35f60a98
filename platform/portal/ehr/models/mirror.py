"""The mirror: each FHIR resource as it came, and every body it had before."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7
from portal.ehr.models.connection import Connection


class Resource(models.Model):
    """One resource of the source. `patient` is null for what many share: practitioners, places, medications."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, db_index=False, related_name="resources")
    type = models.CharField(max_length=64)
    fhir_id = models.CharField(max_length=200)
    patient = models.ForeignKey(
        "access.Patient", null=True, on_delete=models.PROTECT, db_index=False, related_name="mirror"
    )
    version_id = models.CharField(max_length=64, blank=True)
    last_updated = models.CharField(max_length=40, blank=True)
    body = models.JSONField()
    content_hash = models.BinaryField(max_length=16)
    received_at = models.DateTimeField(default=now)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["connection", "type", "fhir_id"], name="ehr_resource_identity"),)
        indexes = (models.Index(fields=["patient", "type"], name="ehr_resource_patient_type"),)

    def __str__(self) -> str:
        return f"{self.type}/{self.fhir_id}"


class ResourceHistory(models.Model):
    """A body that was replaced, or withdrawn by the source, and whose it was then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="history")
    patient_id = models.UUIDField(null=True)
    version_id = models.CharField(max_length=64, blank=True)
    last_updated = models.CharField(max_length=40, blank=True)
    body = models.JSONField()
    content_hash = models.BinaryField(max_length=16)
    received_at = models.DateTimeField()
    replaced_at = models.DateTimeField(default=now)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "resource history"

    def __str__(self) -> str:
        return f"{self.resource_id} {self.version_id}"


class Unprojected(models.Model):
    """A resource, or part of one, that stands in the mirror and on no page, and why."""

    class Reason(models.TextChoices):
        NO_ID = "no_id", _("It has no id.")
        NUL_REPLACED = "nul_replaced", _("It holds a character that cannot be stored. It was replaced.")
        UNREADABLE = "unreadable", _("It holds a number that cannot be stored. It was kept as text.")
        FAILED = "failed", _("Something went wrong when it was read.")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="unprojected")
    source = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    seen_at = models.DateTimeField(default=now)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "unprojected"

    def __str__(self) -> str:
        return self.reason

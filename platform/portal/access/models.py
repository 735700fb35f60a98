"""The patients of a hospital, the grants on them, and the traces of those who were erased."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from foundation.clock import now, uuid7

OPEN_RECORD = "open_record"


class Patient(models.Model):
    """The person whose record it is. `source` is the connection that told of them; it has no foreign key, as the
    mirror stands above this layer."""

    class Sex(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not known")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.UUIDField(null=True)
    fhir_id = models.CharField(max_length=255)
    name = models.CharField(max_length=300)
    given_name = models.CharField(max_length=150, blank=True)
    family_name = models.CharField(max_length=150, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=10, choices=Sex.choices, default=Sex.UNKNOWN)
    mrn = models.CharField(max_length=100, blank=True)
    deceased = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        permissions = ((OPEN_RECORD, "Can open this patient's record"),)
        constraints = (
            models.UniqueConstraint(
                fields=["source", "fhir_id"], name="access_patient_source_fhir_id", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="access_patient_not_into_itself"
            ),
        )
        indexes = (models.Index(fields=["mrn"], name="access_patient_mrn", condition=~models.Q(mrn="")),)

    def __str__(self) -> str:
        return self.name


class PatientUserObjectPermission(UserObjectPermissionBase):
    """A person's grant on one patient: guardian's direct-key table, found by its name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content_object = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="grants")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class ErasedPatient(models.Model):
    """Somebody whose data was taken out, so that the next synchronisation does not bring them back. `digest` is a
    keyed hash of the source and its id for them: it knows them again and says nothing of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"erased {self.erased_at:%Y-%m-%d}"

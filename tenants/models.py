"""Hospitals, their hosts, and what is known of their schemas. All of it stands in `public`."""

import zoneinfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from foundation import clock
from foundation.tenancy import SCHEMA_NAME, HospitalRecord

HOST = r"^(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
SLUG = r"^[a-z][a-z0-9-]{1,38}[a-z0-9]\Z"


def check_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("%(value)s is not a time zone, such as America/New_York."), params={"value": value})


class Hospital(TenantMixin):  # type: ignore[misc]
    """A hospital and its schema. It is entered with foundation.tenancy.inside(), never with the library's ways."""

    class Status(models.TextChoices):
        ONBOARDING = "onboarding", _("Being set up")
        LIVE = "live", _("Live")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    auto_create_schema = False
    auto_drop_schema = False
    clone_mode = "NODATA"

    id = models.UUIDField(primary_key=True, default=clock.uuid7, editable=False)
    schema_name = models.CharField(max_length=48, unique=True, validators=[RegexValidator(SCHEMA_NAME)])
    slug = models.CharField(max_length=40, unique=True, validators=[RegexValidator(SLUG)])
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=40, default="America/New_York", validators=[check_time_zone])
    languages = ArrayField(models.CharField(max_length=8), default=list)
    status = models.CharField(max_length=12, choices=Status, default=Status.ONBOARDING)
    theme_hash = models.CharField(max_length=16, blank=True)
    cell = models.CharField(max_length=20, default="main")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="hospital_schema_name", condition=models.Q(schema_name__regex=r"^[a-z][a-z0-9_]{2,47}$")
            ),
        )

    def __str__(self) -> str:
        return self.name

    def __enter__(self) -> None:
        raise TypeError("Enter a hospital with foundation.tenancy.inside().")

    def activate(self) -> None:
        raise TypeError("Enter a hospital with foundation.tenancy.inside().")

    @classmethod
    def deactivate(cls) -> None:
        raise TypeError("Enter a hospital with foundation.tenancy.inside().")

    def record(self, host: str) -> HospitalRecord:
        """The frozen record, with this primary host."""
        return HospitalRecord(
            self.id, self.slug, self.name, self.schema_name, self.time_zone, tuple(self.languages), self.status, host,
            self.theme_hash,
        )  # fmt: skip


class Domain(DomainMixin):  # type: ignore[misc]
    """A host name of a hospital, in lower case, without a port."""

    domain = models.CharField(max_length=253, unique=True, validators=[RegexValidator(HOST)])
    tenant = models.ForeignKey(Hospital, on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(default=True)


class SchemaState(models.Model):
    """How the last migration of a schema went."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        CURRENT = "current", _("Up to date")
        FAILED = "failed", _("Failed")

    schema_name = models.CharField(primary_key=True, max_length=48)
    state = models.CharField(max_length=8, choices=State)
    error = models.TextField(blank=True)
    seconds = models.FloatField(default=0)
    rights = models.CharField(max_length=64, blank=True)  # by which rules its role has its rights
    changed_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.schema_name}: {self.state}"


class TemplateText(models.Model):
    """The SQL of a blank hospital, one row a state of the migrations. New hospitals are made of it."""

    fingerprint = models.CharField(primary_key=True, max_length=64)
    sql = models.TextField()
    made_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.fingerprint


class Job(models.Model):
    """Work for the provisioner. Web and workers may add and read rows, nothing else (foundation.database.rights)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=clock.uuid7, editable=False)
    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    actor_role = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["asked_at"], name="tenants_job_waiting", condition=models.Q(state="queued")),)

    def __str__(self) -> str:
        return f"{self.kind}: {self.state}"

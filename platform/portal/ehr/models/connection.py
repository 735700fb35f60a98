"""A hospital's connection to its EHR."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import crypto
from foundation.clock import now, uuid7
from portal.ehr.registry import Access


class Connection(models.Model):
    """Where the EHR is and how to sign in. The secret is sealed for this row; the rest is the hospital's setting."""

    class Status(models.TextChoices):
        READY = "ready", _("Ready")
        WORKING = "working", _("Working")
        FAILING = "failing", _("Failing")
        RETIRED = "retired", _("No longer used")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=30, default="fhir_r4")
    base_url = models.CharField(max_length=500)
    settings = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    allow_networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    learned = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.READY)
    last_attempt_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_full_at = models.DateTimeField(null=True)
    changes_from = models.CharField(max_length=40, blank=True)
    last_fault = models.CharField(max_length=20, blank=True)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.base_url

    def seal(self, secret: str) -> None:
        self.secret = crypto.seal(secret, table="ehr_connection", column="secret", row=str(self.id)) if secret else ""

    def access(self, schema: str) -> Access:
        """What the connector is given. Raises foundation.crypto.Sealed where the secret does not open here."""
        opened = (
            crypto.unseal(self.secret, table="ehr_connection", column="secret", row=str(self.id))
            if self.secret
            else b""
        )
        return Access(
            base_url=self.base_url,
            settings=self.settings,
            secret=opened.decode(),
            allow_networks=tuple(self.allow_networks),
            learned=self.learned,
            cache_key=f"{schema}:{self.id}",
        )

"""Second factors. The library keeps seeds and codes in plain text in its own tables, which therefore stay empty."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django_otp.models import Device

from foundation.clock import now, uuid7
from portal.accounts.models.people import User


class Factors[F: "Factor"](models.Manager[F]):
    """What django-otp asks of a device's manager, with types."""

    def devices_for_user(self, user: User, confirmed: bool | None = None) -> models.QuerySet[F]:
        found = self.filter(user=user)
        return found if confirmed is None else found.filter(confirmed=confirmed)


class Factor(Device):  # type: ignore[misc]
    """What every second factor of ours has. Guesses are counted on the person, not here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def persistent_id(self) -> str:
        """django-otp reads the part behind the slash as a number, which a UUID is too."""
        return f"{self.model_label()}/{self.id.int}"

    def verify_token(self, token: Any) -> bool:
        from portal.accounts.factors import verify

        return verify(self, str(token))


class AuthenticatorApp(Factor):
    """A TOTP generator (RFC 6238: SHA-1, 6 digits, 30 s). The seed is sealed for this hospital, table and person."""

    objects: ClassVar[models.Manager[AuthenticatorApp]] = Factors()
    sealed_seed = models.TextField()
    # The last time step that was accepted. A code of this step or an earlier one is spent.
    last_t = models.BigIntegerField(default=-1)

    class Meta:
        indexes = (models.Index(fields=["confirmed", "created_at"], name="accounts_app_unconfirmed"),)


class RecoverySet(Factor):
    """A person's recovery codes, as one device."""

    objects: ClassVar[models.Manager[RecoverySet]] = Factors()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user"], name="accounts_recoveryset_one_each"),)


class RecoveryCode(models.Model):
    """One code: only HMAC(schema, device, code) is kept (S34)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device = models.ForeignKey(RecoverySet, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["device", "digest"], name="accounts_recoverycode_once"),)

    def __str__(self) -> str:
        return f"recovery code {self.id}"

"""People who sign in: the vendor's own in `public`, patients and staff in their hospital. One model for both."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7
from foundation.tenancy import signing


class Role(models.TextChoices):
    PATIENT = "patient", _("Patient")
    CLINICIAN = "clinician", _("Clinician")
    ADMIN = "admin", _("Hospital administrator")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    OPERATOR = "operator", _("Vendor operator")


HOSPITAL_STAFF = frozenset({Role.CLINICIAN.value, Role.ADMIN.value, Role.PRIVACY_OFFICER.value})
STAFF_ROLES = HOSPITAL_STAFF | {Role.OPERATOR.value}
VENDOR_ROLES = frozenset({Role.OPERATOR.value})


class Appearance(models.TextChoices):
    AUTO = "auto", _("Same as my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


def plain_username(text: str) -> str:
    """How a username is stored and compared: NFKC, lower case, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


class People(BaseUserManager["User"]):
    """Looks people up by what they type."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=plain_username(username or ""))


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """Never deleted: `is_active` is taken away, and what identifies a person is erased field by field (P33)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200)
    given_name = models.CharField(max_length=100, blank=True)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices), default=list)
    language = models.CharField(max_length=10, default="en")
    appearance = models.CharField(max_length=5, choices=Appearance.choices, default=Appearance.AUTO)
    is_active = models.BooleanField(default=True)
    password_changed_at = models.DateTimeField(null=True)
    # A session's proof of the second factor carries the epoch it was made in; taking the factors away starts another.
    factor_epoch = models.PositiveIntegerField(default=0)
    # Wrong codes count for the person, over all devices: ten devices do not make ten times as many guesses (S33).
    factor_failures = models.PositiveIntegerField(default=0)
    factor_failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    # What was read with a session's own row (portal.accounts.reading); empty for a person found in another way.
    beside: Mapping[str, str | None] = MappingProxyType({})

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(username=Lower("username")), name="accounts_user_username_lower"),
            # Every right comes from a declared permission or a grant; nobody stands above them.
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="accounts_user_no_superuser"),
        )
        indexes = (models.Index(Lower("email"), name="accounts_user_email"),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return plain_username(username)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.given_name or self.name

    @property
    def role_names(self) -> frozenset[str]:
        return frozenset(self.roles)

    @property
    def is_staff_member(self) -> bool:
        """Works for the hospital or the vendor: shorter sessions, a second factor without exception."""
        return bool(self.role_names & STAFF_ROLES)

    def get_session_auth_hash(self) -> str:
        """Binds a session to this password in this place: a row copied to another hospital has another hash (S2)."""
        return salted_hmac(signing.salt("accounts.session"), self.password, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Any:
        return iter(())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("People are deactivated and erased field by field, never deleted.")

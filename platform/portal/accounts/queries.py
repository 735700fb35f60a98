"""Reads about people: by what they type, by their second factors, by the link they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from two_factor.plugins.registry import registry

from foundation.clock import now
from foundation.crypto import fingerprints
from foundation.errors import NotFound
from foundation.tenancy import inside_public
from portal.accounts.models import AuthenticatorApp, OneTimeLink, RecoveryCode, RecoverySet, Session, User
from portal.accounts.models.factors import Factor
from portal.accounts.models.people import VENDOR_ROLES, plain_username

LINK_PURPOSE = "accounts.link"


def person_by_name(typed: str) -> User | None:
    """Who signs in by this: a username, or an e-mail address that belongs to one active person."""
    name = plain_username(typed)
    found = User.objects.filter(username=name).first()
    if found is not None or "@" not in name:
        return found
    owners = list(User.objects.filter(email__iexact=name, is_active=True)[:2])
    return owners[0] if len(owners) == 1 else None


def person_by_username(username: str) -> User:
    """The person of that username. Raises NotFound."""
    found = User.objects.filter(username=plain_username(username)).first()
    if found is None:
        raise NotFound
    return found


def addresses_of(roles: frozenset[str]) -> list[str]:
    """Mail addresses of the active people with one of these roles: the hospital's own here, the vendor's in public."""
    found = _addresses(roles - VENDOR_ROLES)
    if vendors := roles & VENDOR_ROLES:
        with inside_public():
            found += _addresses(vendors)
    return found


def _addresses(roles: frozenset[str]) -> list[str]:
    people = User.objects.filter(is_active=True, roles__overlap=sorted(roles)).exclude(email="")
    return list(people.values_list("email", flat=True)) if roles else []


def person_by_id(user_id: UUID) -> User | None:
    return User.objects.filter(id=user_id, is_active=True).first()


def factors_of(user: User) -> Sequence[Factor]:
    """The confirmed second factors that a person signs in with, recovery codes not among them."""
    return [device for method in registry.get_methods() for device in method.get_devices(user) if device.confirmed]


def has_factor(user: User) -> bool:
    return bool(factors_of(user))


def sessions_of(user: User, *, but: Session | None = None) -> QuerySet[Session]:
    """The person's sessions, all or all but one."""
    found = Session.objects.filter(user=user)
    return found.exclude(pk=but.pk) if but else found


def apps_of(user: User) -> list[AuthenticatorApp]:
    return list(AuthenticatorApp.objects.filter(user=user, confirmed=True).order_by("created_at"))


def recovery_set_of(user: User) -> RecoverySet | None:
    return RecoverySet.objects.filter(user=user).first()


def open_link(token: str) -> OneTimeLink:
    """The link that this token opens, with its person. Raises NotFound: unknown, used and expired look the same."""
    return _unspent(digest__in=fingerprints(token, purpose=LINK_PURPOSE))


def link_in_hand(link_id: str | None) -> OneTimeLink:
    """The link that a browser has opened and not used yet. Raises NotFound likewise."""
    if link_id is None:
        raise NotFound
    return _unspent(id=UUID(link_id))


def _unspent(**which: Any) -> OneTimeLink:
    link = OneTimeLink.objects.select_related("user").filter(**which).first()
    if link is None or link.used_at is not None or link.expires_at <= now() or not link.user.is_active:
        raise NotFound
    return link


@dataclass(frozen=True, slots=True)
class FactorState:
    """What the account page says about somebody's second step."""

    app_since: datetime | None
    app_last_used: datetime | None
    codes_left: int


def factor_state(user: User) -> FactorState:
    apps = apps_of(user)
    left = RecoveryCode.objects.filter(device__user=user, used_at=None).count()
    newest = apps[-1] if apps else None
    return FactorState(newest.created_at if newest else None, newest.last_used_at if newest else None, left)

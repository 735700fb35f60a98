"""Passwords, and the links that open once to choose one."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.views.decorators.debug import sensitive_variables

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.crypto import fingerprint
from foundation.errors import NotFound
from portal.accounts.models import OneTimeLink, Session, User
from portal.accounts.queries import LINK_PURPOSE, sessions_of

LIFETIMES = {
    OneTimeLink.Purpose.RESET: timedelta(hours=1),
    OneTimeLink.Purpose.WELCOME: timedelta(days=7),
}


@action(event="link.issued")
def issue_link(*, by: Actor, user: User, purpose: OneTimeLink.Purpose) -> str:
    """The token of a new link, which is nowhere kept. Links of the same kind that were sent before stop working."""
    token = secrets.token_urlsafe(32)
    at = now()
    OneTimeLink.objects.filter(user=user, purpose=purpose, used_at=None).update(expires_at=at)
    OneTimeLink.objects.create(
        user=user,
        purpose=purpose,
        digest=fingerprint(token, purpose=LINK_PURPOSE),
        expires_at=at + LIFETIMES[purpose],
    )
    about(target=("person", str(user.pk)), reason=purpose.value)
    return token


def _spend(link: OneTimeLink) -> None:
    """Raises NotFound where another request was faster."""
    at = now()
    if not OneTimeLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=at).update(used_at=at):
        raise NotFound


def _end_links(person: User) -> None:
    """What was sent before opens nothing any more: an old mail is no second way in."""
    OneTimeLink.objects.filter(user=person, used_at=None).update(expires_at=now())


@action(event="password.reset")
@sensitive_variables("password")
def choose_password(*, by: Actor, link: OneTimeLink, password: str) -> User:
    """The holder of a link chooses a password. The link is spent, others end, and so does every session."""
    _spend(link)
    person = User.objects.select_for_update(no_key=True).get(pk=link.user_id)
    _set_password(person, password)
    Session.objects.filter(user=person).delete()
    _end_links(person)
    about(target=("person", str(person.pk)), reason=link.purpose)
    return person


@action(event="link.used")
def use_link(*, by: Actor, link: OneTimeLink) -> None:
    """Spends a link without a new password."""
    _spend(link)
    about(target=("person", str(link.user_id)), reason=link.purpose)


@action(event="password.changed")
@sensitive_variables("password")
def change_password(*, by: Actor, user: User, password: str, except_for: Session | None = None) -> User:
    """A signed-in person changes their password. Their other sessions end."""
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _set_password(person, password)
    sessions_of(person, but=except_for).delete()
    _end_links(person)
    about(target=("person", str(person.pk)))
    return person


def _set_password(person: User, password: str) -> None:
    person.set_password(password)
    person.password_changed_at = now()
    person.save(update_fields=["password", "password_changed_at", "updated_at"])

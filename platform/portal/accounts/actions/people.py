"""Making people, changing their settings, ending their sessions, taking their account away."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.errors import Conflict
from foundation.tenancy import PUBLIC, HospitalRecord, current_schema
from portal.accounts import factors
from portal.accounts.errors import WrongRole
from portal.accounts.models import Appearance, AuthenticatorApp, Role, Session, User
from portal.accounts.models.people import VENDOR_ROLES, plain_username
from portal.accounts.queries import sessions_of


@action(event="person.created")
def create_person(
    *,
    by: Actor,
    username: str,
    name: str,
    roles: Iterable[str],
    given_name: str = "",
    password: str | None = None,
    totp_secret: str | None = None,
    email: str = "",
    language: str = "en",
) -> User:
    """A person who may sign in here. Without a password they need a link; without a secret, set-up comes first.

    Raises Conflict where the username is taken, WrongRole for a role that has no place here, ValueError for a secret
    that is no Base32.
    """
    plain = plain_username(username)
    wanted = _roles_for_here(roles)
    if User.objects.filter(username=plain).exists():
        raise Conflict(_("This username is taken."))
    person = User(username=plain, name=name, given_name=given_name or name.split(" ")[0], email=email.strip())
    person.roles, person.language = wanted, language
    if password is None:
        person.set_unusable_password()
    else:
        person.set_password(password)
        person.password_changed_at = now()
    person.save(force_insert=True)
    if totp_secret is not None:
        sealed = factors.seal_seed(person, factors.seed_from(totp_secret))
        AuthenticatorApp.objects.create(user=person, name="default", confirmed=True, sealed_seed=sealed)
    about(target=("person", str(person.id)), reason=",".join(wanted))
    return person


def _roles_for_here(roles: Iterable[str]) -> list[str]:
    wanted = sorted({Role(role).value for role in roles})
    in_public = current_schema() == PUBLIC.schema_name
    if not wanted or any((role in VENDOR_ROLES) is not in_public for role in wanted):
        raise WrongRole
    return wanted


@action(event="person.deactivated")
def deactivate_person(*, by: Actor, user: User) -> None:
    """Takes the account away at once, sessions included. The row stays: it is named in the record of what was done."""
    User.objects.filter(pk=user.pk).update(is_active=False, updated_at=now())
    Session.objects.filter(user=user).delete()
    about(target=("person", str(user.pk)))


@action(event="person.sessions_ended")
def end_sessions(*, by: Actor, user: User, except_for: Session | None = None) -> int:
    """Signs the person out everywhere, or everywhere but here. The number of sessions that ended."""
    ended, _by_model = sessions_of(user, but=except_for).delete()
    about(target=("person", str(user.pk)), count=ended)
    return ended


@action(event="person.sessions_ended")
def end_all_sessions(*, by: Actor, hospital: HospitalRecord) -> int:
    """The hospital is shut: nobody is signed in any more, and nobody is when it opens again (S12)."""
    ended, _by_model = Session.objects.all().delete()
    about(target=("hospital", hospital.slug), reason="suspended", count=ended)
    return ended


@action(event="person.language_changed")
def set_language(*, by: Actor, user: User, language: str) -> None:
    User.objects.filter(pk=user.pk).update(language=language, updated_at=now())
    about(target=("person", str(user.pk)))


@action(event="person.appearance_changed")
def set_appearance(*, by: Actor, user: User, appearance: str) -> None:
    User.objects.filter(pk=user.pk).update(appearance=Appearance(appearance), updated_at=now())
    about(target=("person", str(user.pk)))

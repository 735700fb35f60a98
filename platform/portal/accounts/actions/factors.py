"""Setting up, renewing and taking away second factors."""

from __future__ import annotations

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.errors import Conflict
from portal.accounts import factors
from portal.accounts.errors import CodeDoesNotMatch
from portal.accounts.models import AuthenticatorApp, OneTimeLink, RecoveryCode, RecoverySet, Session, User


@action(event="factor.begun")
def begin_app(*, by: Actor, user: User) -> AuthenticatorApp:
    """A new seed, sealed in a device that counts for nothing until its first code is confirmed."""
    sealed = factors.seal_seed(user, factors.new_seed())
    device = AuthenticatorApp.objects.create(user=user, name="default", confirmed=False, sealed_seed=sealed)
    about(target=("factor", str(device.pk)))
    return device


@action(event="factor.added")
def confirm_app(
    *, by: Actor, user: User, device: AuthenticatorApp, token: str, replacing: bool = False
) -> AuthenticatorApp:
    """The first code of a new device, which is spent by it (S33). With `replacing`, earlier apps stop working.

    Links that were sent before, such as the one to set up the account, end.

    Raises CodeDoesNotMatch; Conflict where another app was set up in the meantime.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    fresh = AuthenticatorApp.objects.get(pk=device.pk, user=person, confirmed=False)
    step = factors.matching_step(factors.seed_of(fresh), token, after=fresh.last_t, at=now())
    if step is None:
        raise CodeDoesNotMatch
    others = AuthenticatorApp.objects.filter(user=person).exclude(pk=fresh.pk)
    if not replacing and others.filter(confirmed=True).exists():
        raise Conflict
    replaced, _by_model = others.delete()
    fresh.confirmed, fresh.last_t, fresh.last_used_at = True, step, now()
    fresh.save(update_fields=["confirmed", "last_t", "last_used_at"])
    OneTimeLink.objects.filter(user=person, used_at=None).update(expires_at=now())
    about(target=("factor", str(fresh.pk)), count=replaced)
    return fresh


@action(event="factor.recovery_renewed")
def renew_recovery_codes(*, by: Actor, user: User) -> list[str]:
    """Ten new recovery codes, in plain text for the one time they are shown. Earlier ones stop working."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    device, _new = RecoverySet.objects.get_or_create(user=user, defaults={"name": "backup", "confirmed": True})
    device.codes.all().delete()
    codes = factors.new_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(device=device, digest=factors.code_digest(device, code)) for code in codes
    )
    about(target=("person", str(user.pk)), count=len(codes))
    return codes


@action(event="factor.reset")
def reset_factors(*, by: Actor, user: User) -> int:
    """Takes every second factor away, ends every session and every open link; the next sign-in leads through set-up.

    The number of factors that were taken away.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    removed = AuthenticatorApp.objects.filter(user=person).delete()[0]
    RecoverySet.objects.filter(user=person).delete()
    person.factor_epoch += 1
    person.factor_failures, person.factor_failed_at = 0, None
    person.save(update_fields=["factor_epoch", "factor_failures", "factor_failed_at", "updated_at"])
    Session.objects.filter(user=person).delete()
    OneTimeLink.objects.filter(user=person, used_at=None).update(expires_at=now())
    about(target=("person", str(person.pk)), count=removed)
    return removed

"""Puts the demo's people into the place that has been entered."""

from django.db import transaction
from django_otp.oath import hotp

from config.demo.people import DemoPerson
from foundation import clock
from foundation.audit import Actor
from portal.access.actions import grant_record
from portal.access.commands import patient_of
from portal.accounts import factors
from portal.accounts.actions import begin_app, change_password, confirm_app, create_person, reset_factors
from portal.accounts.models import User


def put_person(by: Actor, person: DemoPerson, *, language: str = "en", renew: bool = False) -> bool:
    """Makes the person; True if they were not there. With `renew` one who was gets the password and secret anew."""
    with transaction.atomic():
        user = User.objects.filter(username=person.username).first()
        if user is None:
            user = create_person(
                by=by,
                username=person.username,
                name=person.name,
                given_name=_given(person.name),
                roles=[person.role],
                email=f"{person.username}@example.org",
                language=language,
                password=person.password,
                totp_secret=person.totp_secret,
            )
            if person.patient_id is not None:
                grant_record(by=by, user=user, patient=patient_of(by, person.patient_id, person.name))
            return True
        if renew:
            _renew(by, user, person)
        return False


def _given(name: str) -> str:
    return next(word for word in name.split() if not word.endswith("."))


def _renew(by: Actor, user: User, person: DemoPerson) -> None:
    """The file with the credentials was lost: nobody knows the old ones."""
    change_password(by=by, user=user, password=person.password)
    reset_factors(by=by, user=user)
    device = begin_app(by=by, user=user)
    device.sealed_seed = factors.seal_seed(user, factors.seed_from(person.totp_secret))
    device.save(update_fields=["sealed_seed"])
    # The step before this one, so that the code of this moment is still good for a sign-in.
    step = factors.step_at(clock.now()) - 1
    confirm_app(by=by, user=user, device=device, token=f"{hotp(factors.seed_of(device), step, factors.DIGITS):06d}")

"""Second factors: the arithmetic of codes, the seal on seeds, and the one place where a guess is judged.

Whatever the device, a guess is judged under a lock on the person's row: of twenty equal codes that arrive at once one
is accepted, and wrong ones count for the person, over all of their devices (S33).
"""

from __future__ import annotations

import base64
import enum
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django_otp.oath import hotp

from foundation.clock import now
from foundation.crypto import Sealed, fingerprint, fingerprints, seal, unseal
from portal.accounts.models import AuthenticatorApp, RecoveryCode, RecoverySet, User
from portal.accounts.models.factors import Factor

STEP = 30
DIGITS = 6
TOLERANCE = 1
SEED_BYTES = 20
CODE_COUNT = 10
CODE_BYTES = 10
FREE_GUESSES = 4
LONGEST_WAIT = timedelta(hours=1)


class Verdict(enum.Enum):
    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"


def second_factor_required(user: User) -> bool:
    """Staff always; patients by default. A hospital's own policy for patients will be asked here."""
    return True


def new_seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)


def typed_key(seed: bytes) -> str:
    """The seed as people type it into an app: Base32 without padding."""
    return base64.b32encode(seed).decode().rstrip("=")


def seed_from(text: str) -> bytes:
    """The seed behind a Base32 key. Raises ValueError."""
    plain = "".join(text.split()).upper().rstrip("=")
    seed = base64.b32decode(plain + "=" * (-len(plain) % 8))
    if len(seed) < 10:
        raise ValueError("A TOTP secret has at least 80 bits.")
    return seed


def seal_seed(user: User, seed: bytes) -> str:
    return seal(seed, table="accounts_authenticatorapp", column="sealed_seed", row=str(user.id))


def seed_of(device: AuthenticatorApp) -> bytes:
    """Raises foundation.crypto.Sealed where the row was made for another hospital or person."""
    return unseal(device.sealed_seed, table="accounts_authenticatorapp", column="sealed_seed", row=str(device.user_id))


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP


def matching_step(seed: bytes, token: str, *, after: int, at: datetime) -> int | None:
    """The time step whose code this is: within one step of now, and later than the last that was accepted."""
    code = "".join(token.split())
    if len(code) != DIGITS or not code.isascii() or not code.isdigit():
        return None
    here = step_at(at)
    for step in range(here - TOLERANCE, here + TOLERANCE + 1):
        if step > after and hmac.compare_digest(f"{hotp(seed, step, DIGITS):06d}", code):
            return step
    return None


def plain_code(text: str) -> str:
    """A recovery code as it is compared: upper case, no hyphens, the look-alikes 0 and 1 read as O and I."""
    return "".join(c for c in text.upper() if c.isalnum()).replace("0", "O").replace("1", "I")


def new_codes() -> list[str]:
    """Ten codes of 80 random bits each, in groups of four."""
    raw = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(CODE_COUNT)]
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in raw]


def code_digest(device: RecoverySet, code: str) -> str:
    return fingerprint(f"{device.id}:{plain_code(code)}", purpose="accounts.recovery")


def code_digests(device: RecoverySet, code: str) -> tuple[str, ...]:
    """Under which digests the code may stand."""
    return fingerprints(f"{device.id}:{plain_code(code)}", purpose="accounts.recovery")


def waits_until(user: User) -> datetime | None:
    """Until when this person must wait after too many wrong codes: 1 minute, then 2, 4, ... up to an hour."""
    if user.factor_failures <= FREE_GUESSES or user.factor_failed_at is None:
        return None
    wait = timedelta(minutes=2 ** min(user.factor_failures - FREE_GUESSES - 1, 6))
    until = user.factor_failed_at + min(wait, LONGEST_WAIT)
    return until if until > now() else None


def judge(user: User, devices: Sequence[Factor], token: str) -> tuple[Verdict, Factor | None]:
    """Whether the token is right for one of the person's devices. Spends it if so, counts the miss if not."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if waits_until(person):
            return Verdict.WAIT, None
        for device in devices:
            if device.user_id == person.pk and _spend(device, token):
                _forgive(person)
                return Verdict.RIGHT, device
        person.factor_failures += 1
        person.factor_failed_at = now()
        person.save(update_fields=["factor_failures", "factor_failed_at"])
        return Verdict.WRONG, None


def verify(device: Factor, token: str) -> bool:
    return judge(device.user, [device], token)[0] is Verdict.RIGHT


def _forgive(person: User) -> None:
    if person.factor_failures:
        person.factor_failures, person.factor_failed_at = 0, None
        person.save(update_fields=["factor_failures", "factor_failed_at"])


def _spend(device: Factor, token: str) -> bool:
    """Reads the device again under the person's lock: what another request has just spent is spent."""
    if isinstance(device, AuthenticatorApp):
        return _spend_step(device, token)
    if isinstance(device, RecoverySet):
        return _spend_recovery_code(device, token)
    return False


def _spend_step(given: AuthenticatorApp, token: str) -> bool:
    device = AuthenticatorApp.objects.filter(pk=given.pk, confirmed=True).first()
    if device is None:
        return False
    try:
        step = matching_step(seed_of(device), token, after=device.last_t, at=now())
    except Sealed:  # a row that was copied here from another hospital
        return False
    if step is None:
        return False
    device.last_t, device.last_used_at = step, now()
    device.save(update_fields=["last_t", "last_used_at"])
    return True


def _spend_recovery_code(device: RecoverySet, token: str) -> bool:
    unused = RecoveryCode.objects.filter(device_id=device.pk, digest__in=code_digests(device, token), used_at=None)
    if not unused.update(used_at=now()):
        return False
    RecoverySet.objects.filter(pk=device.pk).update(last_used_at=now())
    return True

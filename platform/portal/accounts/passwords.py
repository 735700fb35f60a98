"""What a password must be: long, and not one that everybody tries. No rules about its letters (NIST SP 800-63B-4)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.accounts.factors import second_factor_required
from portal.accounts.models import User

WITH_FACTOR = 8
WITHOUT_FACTOR = 15
LONGEST = 256
HELP: Promise = gettext_lazy("Use at least 8 characters. A few words that only you put together work well.")


class LongEnough:
    """8 characters where a second step is asked for, 15 where it is not."""

    def validate(self, password: str, user: Any = None) -> None:
        least = WITH_FACTOR if isinstance(user, User) and second_factor_required(user) else WITHOUT_FACTOR
        if len(password) < least:
            raise ValidationError(
                ngettext("Use at least %(least)d character.", "Use at least %(least)d characters.", least)
                % {"least": least},
                code="password_too_short",
            )
        if len(password) > LONGEST:
            raise ValidationError(_("Use at most 256 characters."), code="password_too_long")

    def get_help_text(self) -> str:
        return str(HELP)


class NotYourName:
    """Not the username, the e-mail address or the name, alone or with a few characters around it."""

    def validate(self, password: str, user: Any = None) -> None:
        if not isinstance(user, User):
            return
        plain = password.casefold()
        for part in (user.username, user.email, user.email.partition("@")[0], user.name, user.given_name):
            known = part.casefold()
            if len(known) >= 4 and known in plain and len(plain) - len(known) < 6:
                raise ValidationError(
                    _("This is too close to your name or your sign-in name."), code="password_too_similar"
                )

    def get_help_text(self) -> str:
        return _("Do not use your name.")

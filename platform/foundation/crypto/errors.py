"""Why a secret does not open, and what of the keys cannot be done."""

from django.utils.translation import gettext_lazy as _

from foundation.errors import Conflict, Unavailable


class Sealed(ValueError):
    """A secret did not open: it was changed, or it belongs to another place."""


class KeysDestroyed(Sealed):
    """The hospital's key was destroyed: nothing opens, and nothing can be sealed."""


class KeysAway(Unavailable):
    """The key store does not answer, and the key that is needed was not used lately."""

    code = "keys_away"
    default = _("We cannot open this right now. Try again in a few minutes.")


class OldSecrets(Conflict):
    code = "old_secrets"
    default = _("Some secrets here are still sealed in the old way. Change the keys first, then destroy them.")


class NoKeys(Conflict):
    code = "no_keys"
    default = _("This hospital has no key: nothing was sealed here yet, or its key was destroyed.")

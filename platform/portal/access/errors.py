"""Refusals of this app."""

from django.utils.translation import gettext_lazy as _

from foundation.errors import Conflict


class WasErased(Conflict):
    code = "erased"
    default = _("This person had their data taken out of the portal. They do not come back by themselves.")

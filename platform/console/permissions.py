"""What the vendor's people may open."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare

OPERATOR = frozenset({"operator"})
WATCH = declare(Permission("console.alarms", _("See the open alarms, and close those of the vendor"), OPERATOR))
SEE_HOSPITALS = declare(Permission("console.hospitals", _("See which hospitals there are and how they fare"), OPERATOR))

"""What the vendor's people may open."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare

OPERATOR = frozenset({"operator"})
SEE_HOSPITALS = declare(Permission("console.hospitals", _("See which hospitals there are and how they fare"), OPERATOR))

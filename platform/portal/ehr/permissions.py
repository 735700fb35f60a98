"""What the hospital's people may do with the connection."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare

VIEW = Permission(
    "ehr.connection.view", _("See the health record connection and what it brought"), frozenset({"admin"})
)
SYNC = Permission("ehr.connection.sync", _("Start a synchronization"), frozenset({"admin"}))


def register() -> None:
    declare(VIEW)
    declare(SYNC)

"""What may be opened here, and by whom."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare

READ = "records.read"
EXPORT = "records.export"


def register() -> None:
    declare(
        Permission(READ, _("See one's own record: results, visits, medicines and the rest"), frozenset({"patient"}))
    )
    declare(Permission(EXPORT, _("Download one's own record"), frozenset({"patient"})))

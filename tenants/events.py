"""What of a hospital's life leaves an audit event."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "hospital.created": _("A hospital was made"),
    "hospital.suspended": _("A hospital was suspended"),
    "hospital.resumed": _("A hospital was opened again"),
    "hospital.deleted": _("A hospital was deleted"),
    "hospital.changed": _("A hospital's settings were changed"),
}

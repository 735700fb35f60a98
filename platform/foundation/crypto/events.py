"""What of the keys' life leaves an audit event."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "keys.made": _("A hospital got its key"),
    "keys.rotated": _("The keys were changed"),
    "keys.resealed": _("Secrets were sealed with the new keys"),
    "keys.retired": _("Old keys came to rest"),
    "keys.checked": _("The keys were checked"),
    "keys.destroyed": _("The keys were destroyed"),
}

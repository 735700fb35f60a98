"""The kinds of audit events that access leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import event_kinds

KINDS = {
    "patient.registered": _("A patient became known, or their details changed"),
    "grant.given": _("Somebody may now open this record"),
    "grant.ended": _("Somebody may no longer open this record"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)

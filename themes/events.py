"""The kinds of audit events that are written here."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import event_kinds

KINDS = {"brand.changed": _("The hospital's look was changed")}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)

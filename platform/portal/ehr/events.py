"""The kinds of audit events that the connection leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import event_kinds

KINDS = {
    "connection.stored": _("The health record connection was set up or changed"),
    "connection.viewed": _("The health record connection was looked at"),
    "sync.started": _("A synchronization began"),
    "sync.finished": _("A synchronization ended"),
    "sync.asked": _("A synchronization was asked for"),
    "record.synchronised": _("New data of a patient came from the health record system"),
    "record.refused": _("Data of another patient was sent by the health record system and refused"),
    "document.fetched": _("A document was fetched from the health record system"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)

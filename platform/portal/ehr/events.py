"""The kinds of audit events that the connection leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import EventMeaning, event_kinds, event_meanings

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


MEANINGS = {
    "record.synchronised": EventMeaning(_("Brought new data from the hospital’s record system"), deed="update"),
    "record.refused": EventMeaning(_("Kept data of another person out of your record")),
    "document.fetched": EventMeaning(_("Fetched a document from the hospital’s record system"), deed="read"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)
    for kind, meaning in MEANINGS.items():
        event_meanings.register(kind, meaning)

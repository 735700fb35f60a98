"""The kinds of audit events that access leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import EventMeaning, event_kinds, event_meanings

KINDS = {
    "patient.registered": _("A patient became known, or their details changed"),
    "patient.readmitted": _("Somebody who was erased may come back"),
    "grant.given": _("Somebody may now open this record"),
    "grant.ended": _("Somebody may no longer open this record"),
}


MEANINGS = {
    "patient.registered": EventMeaning(_("Brought your name, birth date and record number up to date"), deed="update"),
    "grant.given": EventMeaning(
        _("Let somebody open your record"), _("Tried to let somebody open your record"), "create"
    ),
    "grant.ended": EventMeaning(_("Ended somebody’s way to your record"), deed="delete"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)
    for kind, meaning in MEANINGS.items():
        event_meanings.register(kind, meaning)

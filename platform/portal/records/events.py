"""The kinds of audit events that this app leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import EventMeaning, event_kinds, event_meanings

KINDS = {
    "record.read": _("A part of the record was opened"),
    "record.printed": _("A page of the record was printed"),
    "result.listed": _("The list of results was opened"),
    "result.read": _("A result was opened"),
    "result.opened": _("A result was opened for the first time"),
    "report.read": _("A report was opened"),
    "visit.read": _("A visit was opened"),
    "document.read": _("A document of the record was opened"),
    "home.read": _("The home page with parts of the record was opened"),
    "export.asked": _("A copy of the record was asked for"),
    "export.ready": _("A copy of the record was made"),
    "export.failed": _("A copy of the record could not be made"),
    "export.read": _("A copy of the record was downloaded"),
    "export.removed": _("Old copies of records were removed"),
}


# To the patient whose record it is. That a result was opened for the first time is said by its being opened.
MEANINGS = {
    "record.read": EventMeaning(
        _("Opened a part of your record"), _("Tried to open a part of your record"), "read", look=True
    ),
    "result.listed": EventMeaning(
        _("Opened the list of test results"), _("Tried to open the list of test results"), "read", look=True
    ),
    "result.read": EventMeaning(_("Opened a test result"), _("Tried to open a test result"), "read", look=True),
    "result.opened": EventMeaning(_("Opened a test result for the first time"), deed="create", listed=False),
    "report.read": EventMeaning(_("Opened a report"), _("Tried to open a report"), "read", look=True),
    "visit.read": EventMeaning(_("Opened a visit"), _("Tried to open a visit"), "read", look=True),
    "document.read": EventMeaning(_("Opened a document"), _("Tried to open a document"), "read", look=True),
    "home.read": EventMeaning(
        _("Opened the home page with parts of your record"), _("Tried to open the home page"), "read", look=True
    ),
    "export.asked": EventMeaning(
        _("Asked for a copy of your record"), _("Tried to ask for a copy of your record"), "create"
    ),
    "export.ready": EventMeaning(_("Made a copy of your record"), deed="create"),
    "export.failed": EventMeaning(_("Could not make a copy of your record")),
    "export.read": EventMeaning(
        _("Downloaded a copy of your record"), _("Tried to download a copy of your record"), "read", look=True
    ),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)
    for kind, meaning in MEANINGS.items():
        event_meanings.register(kind, meaning)

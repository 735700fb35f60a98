"""The kinds of audit events that this app leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import event_kinds

KINDS = {
    "record.read": _("A part of the record was opened"),
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


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)

"""The kinds of audit events that this app leaves, and what they mean to the patient whom they are about."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import EventMeaning, event_kinds, event_meanings

KINDS = {
    "data.viewed": _("The page about one’s own data was opened"),
    "data.copy_asked": _("A copy of everything was asked for"),
    "data.copy_made": _("A copy of everything was made"),
    "data.copy_failed": _("A copy of everything could not be made"),
    "data.copy_fetched": _("A full copy was downloaded"),
    "data.tidied": _("Old copies and requests were removed"),
    "data.request_made": _("A patient asked for their data to be corrected or erased"),
    "data.request_withdrawn": _("A patient took a request about their data back"),
    "data.request_listed": _("The list of requests about data was opened"),
    "data.request_read": _("A request about data was opened"),
    "data.request_answered": _("A request about data was answered"),
    "data.erased": _("A patient’s data was erased"),
}
MEANINGS = {
    "data.viewed": EventMeaning(_("Opened the page about your data"), deed="read"),
    "data.copy_asked": EventMeaning(_("Asked for a copy of all your data"), deed="create"),
    "data.copy_made": EventMeaning(_("Made a copy of all your data"), deed="create"),
    "data.copy_failed": EventMeaning(_("Could not make a copy of all your data")),
    "data.copy_fetched": EventMeaning(
        _("Downloaded a copy of all your data"), _("Tried to download a copy of all your data"), "read", look=True
    ),
    "data.request_made": EventMeaning(_("Asked to have your data corrected or erased"), deed="create"),
    "data.request_withdrawn": EventMeaning(_("Took a request about your data back"), deed="update"),
    "data.request_listed": EventMeaning(_("Opened a list with your request about your data"), deed="read"),
    "data.request_read": EventMeaning(_("Opened your request about your data"), deed="read", look=True),
    "data.request_answered": EventMeaning(_("Answered your request about your data"), deed="update"),
    "data.erased": EventMeaning(_("Erased your data"), _("Tried to erase your data"), "delete"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)
    for kind, meaning in MEANINGS.items():
        event_meanings.register(kind, meaning)

"""The kinds of audit events that this app leaves, and what they mean to a patient."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import EventMeaning, event_kinds, event_meanings, event_reasons

KINDS = {
    "audit.viewed": _("The list of who looked at a record was opened"),
    "audit.searched": _("The record of looks was searched"),
    "audit.exported": _("A part of the record of looks was exported"),
    "patients.searched": _("Patients were looked up by name or number"),
    "disclosures.viewed": _("The list of what was given out was opened"),
    "disclosures.exported": _("The list of what was given out was saved as a file"),
    "disclosure.noted": _("Something that the hospital gave out was written down"),
    "question.asked": _("A patient asked about a look at their record"),
    "question.viewed": _("A patient’s question was opened"),
    "question.answered": _("A patient’s question was answered"),
    "flag.set": _("A record was flagged for special care"),
    "flag.ended": _("The flag of a record was taken away"),
    "unusual.reported": _("The report of unusual looks was made"),
    "unusual.found": _("An unusual look was found"),
    "unusual.viewed": _("The report of unusual looks was opened"),
    "unusual.reviewed": _("An unusual look was reviewed"),
    "alarms.viewed": _("The hospital’s alarms were opened"),
}

MEANINGS = {
    "audit.viewed": EventMeaning(
        _("Opened the list of who looked at your record"), _("Tried to open the list of who looked"), "read"
    ),
    "audit.searched": EventMeaning(_("Searched the list of who looked at your record"), deed="read"),
    "audit.exported": EventMeaning(_("Saved a list of who looked at your record"), deed="read"),
    "disclosures.viewed": EventMeaning(_("Opened the list of what was given out about you"), deed="read"),
    "disclosures.exported": EventMeaning(_("Saved the list of what was given out about you"), deed="read"),
    "disclosure.noted": EventMeaning(_("Wrote down something that the hospital gave out about you"), deed="create"),
    "question.asked": EventMeaning(_("Asked about a look at your record"), deed="create"),
    "question.viewed": EventMeaning(_("Opened your question"), _("Tried to open a question"), "read"),
    "question.answered": EventMeaning(_("Answered your question"), deed="update"),
    "flag.set": EventMeaning(_("Put your record under special watch"), deed="create"),
    "flag.ended": EventMeaning(_("Ended the special watch on your record"), deed="update"),
    "unusual.found": EventMeaning(_("Checked looks at your record for anything unusual")),
    "unusual.viewed": EventMeaning(_("Reviewed looks at your record"), deed="read"),
    "unusual.reviewed": EventMeaning(_("Reviewed looks at your record"), deed="update"),
}

REASONS = {
    "not_found": _("It was not there, or not theirs to see"),
    "forbidden": _("They have no right to it"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)
    for kind, meaning in MEANINGS.items():
        event_meanings.register(kind, meaning)
    for reason, words in REASONS.items():
        event_reasons.register(reason, words)

"""The kinds of audit events that accounts leaves."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import event_kinds

KINDS = {
    "sign_in.password": _("A password was proved, the second step not yet"),
    "sign_in.succeeded": _("Signed in"),
    "sign_in.failed": _("A sign-in failed"),
    "sign_in.proved_again": _("The second step was proved again"),
    "sign_out": _("Signed out"),
    "person.created": _("An account was made"),
    "person.deactivated": _("An account was closed"),
    "person.sessions_ended": _("Sessions were ended"),
    "person.language_changed": _("The language was changed"),
    "person.appearance_changed": _("The appearance was changed"),
    "link.asked": _("A link to choose a password was asked for"),
    "link.issued": _("A link that opens once was made"),
    "link.used": _("A link that opens once was used"),
    "password.reset": _("A password was chosen through a link"),
    "password.changed": _("A password was changed"),
    "factor.begun": _("Setting up a second step began"),
    "factor.added": _("A second step was set up"),
    "factor.recovery_renewed": _("New recovery codes were made"),
    "factor.reset": _("The second steps of an account were taken away"),
    "accounts.tidied": _("Ended sessions and unused links were removed"),
}


def register() -> None:
    for kind, words in KINDS.items():
        event_kinds.register(kind, words)

"""What may be opened here, and by whom."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare

OWN = "personal.own"
ASK = "personal.ask"
ANSWER = "personal.answer"
PRIVACY_OFFICER = "privacy_officer"
STAFF = frozenset({"clinician", "admin", PRIVACY_OFFICER})


def register() -> None:
    declare(Permission(OWN, _("See what is kept about oneself, and get a copy"), STAFF | {"patient"}))
    declare(Permission(ASK, _("Ask for one’s data to be corrected or erased"), frozenset({"patient"})))
    declare(Permission(ANSWER, _("Answer what patients ask about their data"), frozenset({"admin", PRIVACY_OFFICER})))

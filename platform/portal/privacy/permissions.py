"""What may be opened here, and by whom."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare

OWN = "privacy.own"
REVIEW = "privacy.review"
ALARMS = "privacy.alarms"


def register() -> None:
    declare(Permission(OWN, _("See who looked at one's own record, and ask about it"), frozenset({"patient"})))
    declare(Permission(REVIEW, _("Search the record of looks, answer questions, review unusual looks"),
                       frozenset({"privacy_officer"})))  # fmt: skip
    declare(Permission(ALARMS, _("See and close the hospital’s alarms"), frozenset({"privacy_officer", "admin"})))

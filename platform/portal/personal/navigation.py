"""Where the pages are found: on the account page, and among the staff's places."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import NavItem, account_links, nav_items
from portal.personal.permissions import ANSWER, OWN, PRIVACY_OFFICER, STAFF


def register() -> None:
    account_links.register(
        "personal",
        NavItem(_("My data: see, copy or erase it"), "personal:overview", "download", 20,
                roles=STAFF | {"patient"}, permission=OWN),
    )  # fmt: skip
    nav_items.register(
        "data_requests",
        NavItem(_("Data requests"), "personal:queue", "task", 70, roles=frozenset({"admin", PRIVACY_OFFICER}),
                permission=ANSWER),
    )  # fmt: skip

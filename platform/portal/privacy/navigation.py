"""Where these pages are found: the officer's main navigation, and links on the patient's account and record."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.registry import NavItem, account_links, nav_items, record_links
from portal.privacy.permissions import ALARMS, OWN, REVIEW


def register() -> None:
    officer = frozenset({"privacy_officer"})
    entries = (
        ("privacy_events", pgettext_lazy("navigation", "Looks"), "privacy:events", "search", officer, REVIEW),
        ("privacy_unusual", pgettext_lazy("navigation", "Unusual"), "privacy:unusual", "eye", officer, REVIEW),
        ("privacy_questions", pgettext_lazy("navigation", "Questions"), "privacy:questions", "help", officer, REVIEW),
        ("alarms", pgettext_lazy("navigation", "Alarms"), "privacy:alarms", "warning", officer | {"admin"}, ALARMS),
    )
    for place, (key, label, name, icon, roles, permission) in enumerate(entries):
        nav_items.register(key, NavItem(label, name, icon, 60 + 5 * place, roles=roles, permission=permission))
    own = NavItem(_("Who looked at my record"), "privacy:looks", "eye", 10, permission=OWN)
    given = NavItem(_("What was given out about me"), "privacy:given", "send", 20, permission=OWN)
    for key, item in (("looks", own), ("given", given)):
        account_links.register(key, item)
    record_links.register("looks", own)

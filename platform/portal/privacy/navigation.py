"""Where these pages are found: the officer's main navigation, and links on the patient's account and record."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.registry import NavItem, account_links, nav_items, record_links, staff_links, waiting
from portal.privacy.permissions import ALARMS, OWN, REVIEW
from portal.privacy.queries.alarms import hospital_alarms
from portal.privacy.queries.findings import open_cases
from portal.privacy.queries.questions import open_questions


def register() -> None:
    officer = frozenset({"privacy_officer"})
    entries = (
        ("privacy_events", pgettext_lazy("navigation", "Looks"), "privacy:events", "search"),
        ("privacy_unusual", pgettext_lazy("navigation", "Unusual"), "privacy:unusual", "eye"),
        ("privacy_questions", pgettext_lazy("navigation", "Questions"), "privacy:questions", "help"),
    )
    for place, (key, label, name, icon) in enumerate(entries):
        nav_items.register(key, NavItem(label, name, icon, 60 + 5 * place, roles=officer, permission=REVIEW))
    alarms = NavItem(_("Alarms"), "privacy:alarms", "warning", 100, roles=officer | {"admin"}, permission=ALARMS)
    staff_links.register("alarms", alarms)
    for key, count in (
        ("alarms", hospital_alarms),
        ("privacy_questions", open_questions),
        ("privacy_unusual", open_cases),
    ):
        waiting.register(key, count)
    own = NavItem(_("Who looked at my record"), "privacy:looks", "eye", 10, permission=OWN)
    given = NavItem(_("What was given out about me"), "privacy:given", "send", 20, permission=OWN)
    for key, item in (("looks", own), ("given", given)):
        account_links.register(key, item)
    record_links.register("looks", own)

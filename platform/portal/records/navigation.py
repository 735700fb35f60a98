"""The record's entries of the main navigation."""

from django.utils.translation import pgettext_lazy

from foundation.registry import NavItem, nav_items
from portal.records.permissions import READ


def register() -> None:
    entries = (
        ("results", pgettext_lazy("navigation", "Results"), "records:results", "result"),
        ("visits", pgettext_lazy("navigation", "Visits"), "records:visits", "visits"),
        ("records", pgettext_lazy("navigation", "Records"), "records:overview", "records"),
    )
    for place, (key, label, name, icon) in enumerate(entries):
        nav_items.register(key, NavItem(label, name, icon, 20 + 10 * place, permission=READ))

"""What patients and officers read for the codes of events."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from foundation.audit.queries import Entry
from foundation.registry import EventMeaning, event_kinds, event_meanings, event_reasons
from portal.accounts.models import Role

type Words = str | Promise

# What works by itself, by the name that it gives in the record.
JOBS: dict[str, Words] = {
    "synchronisation": gettext_lazy("Keeps your record up to date"),
    "export": gettext_lazy("Makes the copies that people ask for"),
    "tidy": gettext_lazy("Removes what is no longer needed"),
    "report": gettext_lazy("Checks for looks that are not usual"),
}
OUTCOMES: dict[str, Words] = {
    "success": pgettext_lazy("outcome", "Done"),
    "refused": pgettext_lazy("outcome", "Turned away"),
    "failed": pgettext_lazy("outcome", "Did not work"),
}
ACTOR_KINDS: dict[str, Words] = {
    "person": gettext_lazy("A person"),
    "system": gettext_lazy("Works by itself"),
    "command": gettext_lazy("A command"),
    "anonymous": gettext_lazy("Nobody signed in"),
}


def meaning_of(kind: str) -> EventMeaning:
    """What a kind means to the patient; of a kind that nobody explained, its own words."""
    if kind in event_meanings:
        return event_meanings.get(kind)
    return EventMeaning(kind_words(kind), deed="read" if kind.endswith((".read", ".viewed", ".listed")) else "execute")


def kind_words(kind: str) -> str:
    return str(event_kinds.get(kind)) if kind in event_kinds else kind


def deed_words(entry: Entry) -> str:
    """What was done, as a sentence without its subject: "Opened a test result"."""
    meaning = meaning_of(entry.kind)
    if entry.outcome == "success":
        return str(meaning.done)
    return str(meaning.tried or _("Tried to open or change something of yours"))


def role_words(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role.replace("_", " ").capitalize()


def reason_words(reason: str) -> str:
    """A reason for a patient: the words for a known code, a sentence as it was given, and no code that says nothing."""
    if reason in event_reasons:
        return str(event_reasons.get(reason))
    return reason if " " in reason else ""


def outcome_words(outcome: str) -> str:
    return str(OUTCOMES.get(outcome, outcome))


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"),
             ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip


def device_words(agent: str) -> str:
    """ "Firefox on Windows" from a browser's own words; "" where they say nothing that is known."""
    browser = next((name for sign, name in _BROWSERS if re.search(rf"\b{sign}/", agent)), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system

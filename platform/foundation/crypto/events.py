"""What of the keys' life leaves an audit event, and what raises an alarm."""

from django.utils.translation import gettext_lazy as _

from foundation.audit.alarms import AlarmKind, alarm_kinds
from foundation.registry import event_kinds

KINDS = {
    "keys.made": _("A hospital got its key"),
    "keys.rotated": _("The keys were changed"),
    "keys.resealed": _("Secrets were sealed with the new keys"),
    "keys.retired": _("Old keys came to rest"),
    "keys.checked": _("The keys were checked"),
    "keys.destroyed": _("The keys were destroyed"),
}

ALARMS = {
    "keys.away": AlarmKind(
        _("The key store does not answer"),
        _(
            "Look at the store that PORTICO_KEYS names, and at its rights. Codes from apps and the connections to "
            "record systems work for five minutes more, and then not until it is back."
        ),
        frozenset({"operator"}),
    ),
    "keys.shut": AlarmKind(
        _("Some sealed secrets no longer open"),
        _(
            "Run “manage.py keys check”. Was a row copied, the database restored without its keys, or a key destroyed? "
            "Bring the keys back from their backup, or let the people concerned set up their second step again."
        ),
        frozenset({"operator"}),
    ),
}


def register() -> None:
    for key, words in KINDS.items():
        event_kinds.register(key, words)
    for key, kind in ALARMS.items():
        alarm_kinds.register(key, kind)

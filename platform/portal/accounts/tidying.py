"""Removes what nobody can use any more: ended sessions, unfinished sign-ins and set-ups, spent links, old mail."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from portal.accounts.models import AuthenticatorApp, OneTimeLink
from portal.accounts.sessions import forget_ended_sessions

SET_UP_WITHIN = timedelta(hours=1)
KEEP_LINKS_FOR = timedelta(days=7)


@action(event="accounts.tidied")
def tidy(*, by: Actor) -> int:
    """A sign-in that stopped at the second step is a session like any other, and ends with its idle time.

    The number of rows removed.
    """
    at = now()
    gone = forget_ended_sessions()
    gone += AuthenticatorApp.objects.filter(confirmed=False, created_at__lte=at - SET_UP_WITHIN).delete()[0]
    gone += OneTimeLink.objects.filter(expires_at__lte=at - KEEP_LINKS_FOR).delete()[0]
    about(count=gone)
    return gone


def sweep_mail() -> int:
    """Where mail is written to a folder (the demo), what is older than PORTICO_MAIL_DAYS goes. The number of files."""
    folder = getattr(settings, "PORTICO_MAIL_FOLDER", None)
    if folder is None:
        return 0
    edge = (now() - timedelta(days=settings.PORTICO_MAIL_DAYS)).timestamp()
    swept = 0
    for file in Path(folder).glob("*.log"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime <= edge:
                file.unlink()
                swept += 1
    return swept

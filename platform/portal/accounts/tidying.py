"""Removes what nobody can use any more: ended sessions, unfinished sign-ins and set-ups, spent links."""

from __future__ import annotations

from datetime import timedelta

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

"""How far somebody has come: nowhere, password proved, second step proved. All of it stands in the session."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import auth
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from foundation import audit
from foundation.audit import Actor
from foundation.clock import now
from portal.accounts.models import User
from portal.accounts.queries import person_by_id

BACKEND = "portal.accounts.backends.PasswordBackend"
PENDING = "accounts.pending"
FACTOR = "accounts.factor"
PENDING_FOR = timedelta(minutes=10)
PROOF_FRESH_FOR = timedelta(minutes=10)


def actor_of(user: User) -> Actor:
    return Actor("person", user.pk, user.name, user.roles[0] if user.roles else "")


def person(request: HttpRequest) -> User | None:
    """Who is signed in, however far; None for nobody."""
    user = request.user
    return user if user.is_authenticated and isinstance(user, User) else None  # SimpleLazyObject passes for its class


def hold(request: HttpRequest, user: User, after: str) -> None:
    """The password is right and a second step is due: not signed in, only remembered, for ten minutes."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk),
        "hash": user.get_session_auth_hash(),
        "at": now().isoformat(),
        "after": after,
    }
    audit.record("sign_in.password", by=actor_of(user), target=("person", str(user.pk)))


def held(request: HttpRequest) -> tuple[User, str] | None:
    """Who has proved a password in this browser and where they were going; None when too long ago."""
    pending = request.session.get(PENDING)
    if not pending or datetime.fromisoformat(pending["at"]) + PENDING_FOR <= now():
        return None
    user = person_by_id(UUID(pending["user"]))
    if user is None or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    return user, str(pending["after"])


def begin(request: HttpRequest, user: User) -> None:
    """Signs in without a second step: nothing but its set-up, sign-out and help opens."""
    request.session.pop(PENDING, None)
    auth.login(request, user, backend=BACKEND)
    audit.record("sign_in.password", by=actor_of(user), target=("person", str(user.pk)), reason="set_up_due")


def finish(request: HttpRequest, user: User, device_id: str) -> None:
    """The second step is proved: a new session id, and the proof in the session."""
    request.session.pop(PENDING, None)
    already = request.session.get(auth.SESSION_KEY) == str(user.pk)
    auth.login(request, user, backend=BACKEND)
    if already:
        request.session.cycle_key()
    prove(request.session, user, device_id)
    audit.record("sign_in.succeeded", by=actor_of(user), target=("person", str(user.pk)))


def prove(session: SessionBase, user: User, device_id: str = "") -> None:
    """Writes the proof. It holds for the person's present factors: taking them away makes it void."""
    session[FACTOR] = {"epoch": user.factor_epoch, "at": now().isoformat(), "device": device_id}


def is_proved(session: SessionBase, user: User) -> bool:
    proof: dict[str, Any] = session.get(FACTOR) or {}
    return proof.get("epoch") == user.factor_epoch


def proved_lately(session: SessionBase, user: User) -> bool:
    """Whether the second step was proved in the last ten minutes: what changes it asks for this (S37)."""
    if not is_proved(session, user):
        return False
    return datetime.fromisoformat(session[FACTOR]["at"]) + PROOF_FRESH_FOR > now()


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """After a new password: this session answers to it, under a new id."""
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()


def safe_next(request: HttpRequest) -> str:
    """Where somebody was going, if that is on this host; else nothing. A session cannot hold control characters."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed and target.startswith("/") and target.isprintable() else ""

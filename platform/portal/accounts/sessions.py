"""The session engine (SESSION_ENGINE). Idle and absolute time-outs are kept here, on the server (S38).

One statement reads the session and its person; a request writes at most once a minute that it was seen, and not at all
when it says that nobody sat behind it (the header `X-Portico-Background`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value
from django.utils.crypto import get_random_string

from foundation.clock import now
from portal.accounts.models import Session, User
from portal.accounts.models.sessions import digest_of
from portal.accounts.reading import session_and_person

STAFF_IDLE = timedelta(minutes=15)
PATIENT_IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
KEY_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Seen:
    """From where a session is used, as this request shows it."""

    ip: str | None = None
    user_agent: str = ""
    background: bool = False


def idle_time(user: User | None) -> timedelta:
    return STAFF_IDLE if user is not None and user.is_staff_member else PATIENT_IDLE


def is_over(row: Session, at: datetime) -> bool:
    return at >= row.last_seen_at + timedelta(seconds=row.idle_seconds) or at >= row.created_at + ABSOLUTE


class SessionStore(SessionBase):
    """A session in the table of the schema in which we stand."""

    def __init__(self, session_key: str | None = None, seen: Seen | None = None) -> None:
        super().__init__(session_key)
        self.row: Session | None = None
        self.seen = seen or Seen()
        self.ran_out = False

    @property
    def person(self) -> User | None:
        """Whose session it is, as read together with the session; None before sign-in."""
        _ = self._session  # type: ignore[attr-defined]
        return self.row.user if self.row else None

    def _get_new_session_key(self) -> str:
        """165 random bits: a second look whether they are taken would cost a statement and find nothing."""
        return get_random_string(32, KEY_CHARS)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=digest_of(session_key)).exists()

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        row = session_and_person(digest_of(key))
        at = now()
        if row is None or is_over(row, at):
            self.ran_out = row is not None and row.user_id is not None
            if row is not None:
                row.delete()
            self._session_key = None
            return {}
        self.row = row
        self._touch(row, at)
        data: dict[str, Any] = row.data
        return data

    def _touch(self, row: Session, at: datetime) -> None:
        if self.seen.background or at - row.last_seen_at < SEEN_EVERY:
            return
        row.last_seen_at = at
        row.ip = self.seen.ip or row.ip
        row.save(update_fields=["last_seen_at", "ip"])

    def create(self) -> None:
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if must_create or self.row is None:
            self.row = Session(digest=digest_of(self.session_key), **self._here())
            self._give_to_owner(self.row, data)
            self.row.data = data
            self.row.save(force_insert=True)
            return
        self._give_to_owner(self.row, data)
        fields = {"data": data, "user": self.row.user, "idle_seconds": self.row.idle_seconds}
        times = {"created_at": self.row.created_at, "last_seen_at": self.row.last_seen_at}
        if not Session.objects.filter(id=self.row.id).update(**fields, **times):
            raise UpdateError

    def _here(self) -> dict[str, Any]:
        return {
            "idle_seconds": int(PATIENT_IDLE.total_seconds()),
            "ip": self.seen.ip,
            "user_agent": self.seen.user_agent[:300],
        }

    @staticmethod
    def _give_to_owner(row: Session, data: dict[str, Any]) -> None:
        """Somebody signed in: the row gets its owner and their idle time, and the twelve hours begin."""
        owner = data.get(SESSION_KEY)
        if str(row.user_id or "") == str(owner or ""):
            return
        row.user = User.objects.get(pk=owner) if owner else None
        row.idle_seconds = int(idle_time(row.user).total_seconds())
        row.created_at = row.last_seen_at = now()

    def cycle_key(self) -> None:
        """Gives the same session a new key: what somebody planted or saw before does not open it (S40)."""
        data = self._session  # type: ignore[attr-defined]
        if self.row is None:
            self.create()
            self._session_cache = data
            return
        self._session_key = self._get_new_session_key()
        Session.objects.filter(id=self.row.id).update(digest=digest_of(self._session_key))
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(digest=digest_of(key)).delete()
        if session_key is None:
            self.row = None

    def flush(self) -> None:
        super().flush()
        self.row = None

    @classmethod
    def clear_expired(cls) -> None:
        forget_ended_sessions()


def forget_ended_sessions() -> int:
    """Removes the rows of sessions whose time was up PORTICO_SESSION_DAYS ago. The number of rows removed."""
    at = now() - timedelta(days=settings.PORTICO_SESSION_DAYS)
    idle_for = ExpressionWrapper(F("idle_seconds") * timedelta(seconds=1), output_field=DurationField())
    idle = Q(last_seen_at__lte=Value(at, output_field=DateTimeField()) - idle_for)
    removed, _by_model = Session.objects.filter(idle | Q(created_at__lte=at - ABSOLUTE)).delete()
    return removed

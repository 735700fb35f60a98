"""People for tests: made by the same actions as anybody, signed in without typing a password and a code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from foundation.audit import Actor
from foundation.tenancy import PUBLIC, HospitalRecord, inside
from portal.access.actions import grant_record
from portal.access.models import Patient
from portal.accounts import signin
from portal.accounts.actions import create_person
from portal.accounts.models import User
from portal.accounts.sessions import SessionStore

BY = Actor.command("tests")
PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_person(
    hospital: HospitalRecord | None,
    username: str,
    *,
    role: str = "patient",
    patient: Patient | None = None,
    **more: Any,
) -> User:
    """Somebody with PASSWORD and SECRET; `patient` is whose record they open. None as hospital: the vendor's own."""
    given: dict[str, Any] = {"name": username.title(), "password": PASSWORD, "totp_secret": SECRET, **more}
    with inside(hospital or PUBLIC):
        user = create_person(by=BY, username=username, roles=[role], **given)
        if patient is not None:
            grant_record(by=BY, user=user, patient=patient)
        return user


def sign_in(client: Client, hospital: HospitalRecord | None, user: User, *, verified: bool = True) -> None:
    """Gives the client a session of this person's; with verified=False their second step is still due."""
    with inside(hospital or PUBLIC):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = signin.BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        if verified:
            signin.prove(session, user)
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""

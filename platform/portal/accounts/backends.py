"""Proving a password. Absent, inactive and wrong take the same time and give the same answer (S42)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from portal.accounts.models import User
from portal.accounts.queries import person_by_name


class PasswordBackend(ModelBackend):
    """Signs in by username, or by an e-mail address that one person alone has."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        person = person_by_name(username)
        if person is None:
            User().set_password(password)
            return None
        if person.check_password(password) and self.user_can_authenticate(person):
            return person
        return None

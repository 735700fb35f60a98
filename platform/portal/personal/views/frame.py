"""What the pages have in common."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from portal.accounts import signin
from portal.accounts.models import User


def proved_lately(request: HttpRequest) -> bool:
    """Whether the second step was proved in the last ten minutes: taking everything out asks for this."""
    user = signin.person(request)
    return isinstance(user, User) and signin.proved_lately(request.session, user)


def confirm_url(after: str) -> str:
    return f"{reverse('accounts:confirm')}?{urlencode({'next': after})}"


def to_confirm(after: str) -> HttpResponse:
    return redirect(confirm_url(after))

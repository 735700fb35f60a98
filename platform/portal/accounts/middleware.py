"""Session and person of a request. Both are lazy: a page that asks for neither costs no statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from foundation.permissions import View, access_of, viewer_of
from foundation.web import address_of
from portal.accounts import languages
from portal.accounts.models import User
from portal.accounts.sessions import Seen, SessionStore

BACKGROUND_HEADER = "X-Portico-Background"
CLEAR_SITE_DATA = '"cache", "storage"'


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, with a store that knows from where it is used, and that says when a session's time was up."""

    def process_request(self, request: HttpRequest) -> None:
        seen = Seen(address_of(request), request.headers.get("User-Agent", ""), BACKGROUND_HEADER in request.headers)
        request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME), seen)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        ran_out = getattr(getattr(request, "session", None), "ran_out", False)
        answer: HttpResponse = super().process_response(request, response)
        if ran_out:
            answer.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
            tell_why(answer)
        return answer


def tell_why(answer: HttpResponse) -> None:
    """The way to sign-in says that the session's time was up."""
    target = answer.headers.get("Location", "")
    if target.startswith(reverse(settings.LOGIN_URL)):
        answer.headers["Location"] = f"{target}{'&' if '?' in target else '?'}ended=yes"


class PersonMiddleware(MiddlewareMixin):
    """`request.user`, out of the row that the session was read with. Takes the place of Django's."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: person_of(request))  # type: ignore[assignment]


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """The person whose session this is, if the session still answers to their password and they are active."""
    session = request.session
    person = session.person if isinstance(session, SessionStore) else None
    if person is None or not person.is_active or BACKEND_SESSION_KEY not in session:
        return AnonymousUser()
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        session.flush()
        return AnonymousUser()
    person.backend = session[BACKEND_SESSION_KEY]
    return person


class LanguageMiddleware:
    """The page's language. A page that is open to all asks the browser alone, and so costs no statement."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(languages.chosen_by_browser(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        access = access_of(view)
        if access is None or access.kind == "all":
            return
        viewer = viewer_of(request)
        if viewer.signed_in and viewer.language in languages.codes_offered():
            translation.activate(viewer.language)

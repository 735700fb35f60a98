"""Which language a page is in: the person's, else the browser's cookie, else what the browser asks for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header

from foundation.tenancy import PUBLIC, standing
from portal.accounts import signin
from portal.accounts.actions import set_language
from themes.chrome import native_name


def offered() -> list[tuple[str, str]]:
    """Code and own name of each language that this hospital offers."""
    return [(code, native_name(code)) for code in codes_offered()]


def codes_offered() -> list[str]:
    """The product's first language where the hospital offers none."""
    here = standing() or PUBLIC
    known = {code for code, _name in settings.LANGUAGES}
    return [code for code in here.languages if code in known] or [settings.LANGUAGE_CODE]


def chosen_by_browser(request: HttpRequest) -> str:
    codes = codes_offered()
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if cookie in codes:
        return cookie
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200]):
        for code in codes:
            if wanted == code or wanted.startswith(f"{code}-"):
                return code
    return codes[0]


def remember(response: HttpResponse, language: str) -> None:
    """Keeps the choice in this browser, for pages before sign-in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path="/",
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def keep_on_profile(sender: object, *, request: HttpRequest, language: str, **_more: object) -> None:
    """Somebody chose a language in the frame of a page: if they are signed in, it becomes theirs."""
    user = signin.person(request)
    if user is not None and user.language != language:
        set_language(by=signin.actor_of(user), user=user, language=language)

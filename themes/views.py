"""Small files that carry the brand, the choice of language, and the handlers that Django calls for errors."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.http import require_http_methods, require_safe

from foundation import clock
from foundation.database.faults import database_is_shut
from foundation.logs import get_logger
from foundation.permissions import open_to_all
from themes.errors import render_error
from themes.queries import BrandView, brand_of, portico_brand
from themes.signals import language_chosen
from themes.svg import SVG

log = get_logger(__name__)
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
# In English and without a brand: for the day on which even the page of an error cannot be made.
LAST_RESORT = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>Something went wrong</title>"
    b"<h1>Something went wrong on our side</h1><p>Try again in a few minutes.\n"
)
LOGO_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def brand_for(request: HttpRequest) -> BrandView:
    hospital = getattr(request, "hospital", None)
    return portico_brand() if hospital is None else brand_of(hospital)


@open_to_all
@require_safe
def theme(request: HttpRequest, name: str) -> HttpResponse:
    """The hospital's style sheet under its hash. Portico's own is served everywhere: error pages may need it."""
    for view in (brand_for(request), portico_brand()):
        if name == view.css_hash:
            return _file(view.css, "text/css; charset=utf-8", FOREVER)
    raise Http404


@open_to_all
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    view = brand_for(request)
    fresh = request.GET.get("v") == view.symbol_hash
    return _svg(view.symbol, FOREVER if fresh else A_DAY)


@open_to_all
@require_safe
def app_icon(request: HttpRequest) -> HttpResponse:
    """The symbol on a full plate with room around it, as phones cut it (a "maskable" icon)."""
    view = brand_for(request)
    inner = view.symbol.replace("<svg ", '<svg x="11" y="11" width="42" height="42" ', 1)
    plate = view.tokens.light.tint_2
    return _svg(f'<svg xmlns="{SVG}" viewBox="0 0 64 64"><path fill="{plate}" d="M0 0h64v64H0z"/>{inner}</svg>', A_DAY)


def _svg(text: str, cache: str) -> HttpResponse:
    response = _file(text, "image/svg+xml", cache)
    response.headers["Content-Security-Policy"] = LOGO_POLICY
    return response


def _file(text: str, content_type: str, cache: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.headers["Vary"] = "Host"
    return response


@open_to_all
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    view = brand_for(request)
    response = JsonResponse(
        {
            "name": view.name,
            "short_name": view.name[:30],
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "lang": get_language() or "en",
            "dir": "rtl" if get_language_bidi() else "ltr",
            "background_color": view.tokens.light.bg,
            "theme_color": view.tokens.light.tint_2,
            "icons": [
                {"src": view.logo_url, "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
                {"src": reverse("themes:icon"), "sizes": "any", "type": "image/svg+xml", "purpose": "maskable"},
            ],
        },
        content_type="application/manifest+json",
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Vary"] = "Host, Cookie, Accept-Language"
    return response


@open_to_all
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return _file("User-agent: *\nDisallow: /\n", "text/plain; charset=utf-8", A_DAY)


@open_to_all
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a hole, and until when this answer holds."""
    view = brand_for(request)
    contact = (
        view.security_contact or getattr(settings, "PORTICO_SECURITY_CONTACT", "") or f"security@{_domain(request)}"
    )
    expires = (clock.now() + timedelta(days=90)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(view.languages)}",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return _file("\n".join(lines) + "\n", "text/plain; charset=utf-8", A_DAY)


def _domain(request: HttpRequest) -> str:
    return request.get_host().rsplit(":", 1)[0]


@open_to_all
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers look (W3C "A Well-Known URL for Changing Passwords")."""
    try:
        return redirect(getattr(settings, "PORTICO_PASSWORD_CHANGE_URL", "accounts:change_password"))
    except NoReverseMatch:
        return redirect("/")


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """Shows the languages; a POST keeps the choice in a cookie, and tells whoever keeps profiles."""
    view = brand_for(request)
    if request.method != "POST":
        target = safe_target(request, request.GET.get("next", "/"))
        return render(request, "themes/language.html", {"target": target})
    target = safe_target(request, request.POST.get("next", "/"))
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(target)
    if chosen in view.languages:
        language_chosen.send(sender=None, request=request, language=chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=settings.LANGUAGE_COOKIE_AGE, path="/",
            secure=settings.LANGUAGE_COOKIE_SECURE, httponly=settings.LANGUAGE_COOKIE_HTTPONLY, samesite="Lax",
        )  # fmt: skip
    return response


def safe_target(request: HttpRequest, target: str) -> str:
    """A path on this host, or the home page."""
    local = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, {request.get_host()}, request.is_secure()
    )
    return target if local else "/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return render_error(request, 413 if too_large else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_error(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    try:
        return render_error(request, 503 if database_is_shut(sys.exc_info()[1]) else 500)
    except Exception:
        log.exception("error_page.failed")
        return HttpResponse(LAST_RESORT, status=500, headers={"Cache-Control": "no-store"})


def csrf_failure(request: HttpRequest, reason: str = "", **_more: Any) -> HttpResponse:
    return render_error(request, 403, code="csrf")

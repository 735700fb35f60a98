"""What every request goes through before and after it is somebody's: id, log line, health, audit, refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from uuid import UUID

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string

from foundation import clock
from foundation.audit import Where, flush, open_trail, record, turn_back
from foundation.errors import Refusal, Unavailable
from foundation.logs import get_logger, request_id
from foundation.tenancy.signing import salt

log = get_logger("portico.request")
type Next = Callable[[HttpRequest], HttpResponse]
GIVEN_ID = re.compile(r"^[A-Za-z0-9-]{8,40}\Z")


class RequestIdMiddleware:
    """Gives each request an id, which stands in its log line, its audit events and its error page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "") if settings.PORTICO_BEHIND_PROXY else ""
        request.id = given if GIVEN_ID.match(given) else clock.uuid7().hex  # type: ignore[attr-defined]
        token = request_id.set(request.id)  # type: ignore[attr-defined]
        began = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
            response["Server"] = "Portico"  # else the web server puts its own name there
            match = request.resolver_match
            hospital = getattr(getattr(request, "hospital", None), "slug", "")
            log.info("request", hospital=hospital, method=request.method, route=match.view_name if match else "",
                     ms=_ms(began), status=response.status_code)  # fmt: skip
            return response
        finally:
            request_id.reset(token)


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


class HealthMiddleware:
    """/livez and /readyz, before any host is looked at: one word, and no hospital's name."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.ready: Callable[[], bool] = import_string(settings.PORTICO_READY)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return HttpResponse("alive\n", content_type="text/plain")
        if request.path == "/readyz":
            if self.ready():
                return HttpResponse("ready\n", content_type="text/plain")
            return HttpResponse("unready\n", content_type="text/plain", status=503)
        return self.get_response(request)


class AuditMiddleware:
    """Opens the request's trail, and writes it before the first byte of the answer. No event, no data."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = Where(request.id, address_of(request), request.headers.get("User-Agent", ""))  # type: ignore[attr-defined]
        with open_trail(seen):
            response = self.get_response(request)
            try:
                flush()
            except Exception:
                log.exception("audit.failed")
                _let_go(response)
                return error_page(request, Unavailable())
            return response


def _let_go(response: HttpResponse) -> None:
    """An answer that nobody gets may hold a file open."""
    for close in response._resource_closers:  # type: ignore[attr-defined]
        close()


class RefusalMiddleware:
    """Refusals and errors become branded pages, with the request's id and a next step."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):  # Django's has no page
            render: Callable[..., HttpResponse] = import_string(settings.PORTICO_ERROR_PAGE)
            page = render(request, int(HTTPStatus.METHOD_NOT_ALLOWED))
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refusal):
            note_refusal(request, error)
            return error_page(request, error)
        if isinstance(error, Http404 | PermissionDenied | SuspiciousOperation | BadRequest):
            return None  # Django's handlers, which are ours (config.urls)
        log.error("request.failed", exc_info=error)
        return None


def note_refusal(request: HttpRequest, refusal: Refusal, reason: str = "") -> None:
    """Who asked for what they may not have stands in the record as well (S50), whether it exists or not."""
    viewer = getattr(request, "viewer", None)
    if refusal.status not in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} or viewer is None or not viewer.signed_in:
        return
    if turn_back(refusal.code):
        return
    match = request.resolver_match
    ids = [str(value) for value in match.kwargs.values() if isinstance(value, UUID)] if match else []
    target = " ".join([match.view_name if match else "", *ids])
    record(
        "access.refused", by=viewer.actor, target=("route", target), outcome="refused", reason=reason or refusal.code
    )


def error_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    render: Callable[..., HttpResponse] = import_string(settings.PORTICO_ERROR_PAGE)
    return render(request, int(refusal.status), code=refusal.code, message=str(refusal))


def address_of(request: HttpRequest) -> str | None:
    """The client's address: the socket's, or the last hop that our own proxy wrote (never the client's word)."""
    value = request.META.get("REMOTE_ADDR", "")
    if settings.PORTICO_BEHIND_PROXY:
        value = request.headers.get("X-Forwarded-For", value).rsplit(",", 1)[-1].strip()
    try:
        return str(ip_address(value))
    except ValueError:
        return None


class CsrfMiddleware(CsrfViewMiddleware):
    """Django's, with a cookie that the hospital signed: one of another hospital is none (S2)."""

    def _get_secret(self, request: HttpRequest) -> str | None:
        secret, _dot, signature = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "").partition(".")
        return secret if secret and constant_time_compare(signature, _signature(secret)) else None

    def _set_csrf_cookie(self, request: HttpRequest, response: HttpResponse) -> None:
        secret = request.META["CSRF_COOKIE"]
        request.META["CSRF_COOKIE"] = f"{secret}.{_signature(secret)}"
        super()._set_csrf_cookie(request, response)  # type: ignore[misc]
        request.META["CSRF_COOKIE"] = secret


def _signature(secret: str) -> str:
    return salted_hmac(salt("csrf"), secret, algorithm="sha256").hexdigest()


class NoStoreMiddleware:
    """Pages are private and are not stored, unless the view says otherwise (S62)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response

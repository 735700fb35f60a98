"""The host decides first (S3): which hospital, the vendor's own pages, or a plain 404 that names nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import build_policy
from django.utils.module_loading import import_string

from foundation.logs import get_logger, hospital_slug
from foundation.tenancy import PUBLIC, EndedElsewhere, HospitalRecord, assert_still_in, stand
from tenants.models import HOST, Hospital
from tenants.queries import hospital_for_host

CLOSED, SUSPENDED = Hospital.Status.CLOSED.value, Hospital.Status.SUSPENDED.value
_HOST = re.compile(HOST)
_PORT = re.compile(r":\d{1,5}\Z")
NOT_HERE = b"<!doctype html><html lang=en><meta charset=utf-8><title>Not found</title><h1>There is nothing here.</h1>\n"
ASTRAY = b"<!doctype html><html lang=en><meta charset=utf-8><title>Error</title><h1>Something went wrong.</h1>\n"
log = get_logger(__name__)


def host_of(request: HttpRequest) -> str:
    """The host name as the browser sent it: lower case, no port, no final dot; "" where it is no host name."""
    raw = _PORT.sub("", str(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", ""))).lower()
    name = raw.removesuffix(".")
    return name if _HOST.match(name) else ""


def _shut(response: HttpResponse) -> HttpResponse:
    """The headers that the middleware behind this one puts on every other answer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = build_policy(cast("dict[str, list[str]]", settings.SECURE_CSP))
    response.headers["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
    return response


class HospitalMiddleware:
    """Enters the hospital for as long as the answer lives: a stream keeps it until it is closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = host_of(request)
        hospital = PUBLIC if host in settings.PORTICO_PUBLIC_HOSTS else hospital_for_host(host) if host else None
        if hospital is None or hospital.status == CLOSED:
            return _shut(HttpResponse(NOT_HERE, status=404))
        public = hospital is PUBLIC
        request.hospital = None if public else hospital  # type: ignore[attr-defined]
        if public:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        token = hospital_slug.set("" if public else hospital.slug)
        before = stand(hospital)
        response: HttpResponse | None = None
        try:
            response = self._answer(request, hospital)
            assert_still_in(hospital)
        except EndedElsewhere as astray:
            log.error("request.ended_elsewhere", exc_info=astray)
            response = _shut(HttpResponse(ASTRAY, status=500))
        finally:
            hospital_slug.reset(token)
            if response is None or not response.streaming:
                stand(before)
        if response.streaming:
            response._resource_closers.append(lambda: stand(before))  # type: ignore[attr-defined]
        return response

    def _answer(self, request: HttpRequest, hospital: HospitalRecord) -> HttpResponse:
        if hospital.status == SUSPENDED and not request.path.startswith(("/theme/", "/static/", "/brand/")):
            render: Callable[..., HttpResponse] = import_string(settings.PORTICO_ERROR_PAGE)
            return _shut(render(request, 503, code="suspended"))
        return self.get_response(request)

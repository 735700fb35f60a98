"""Who may open what: permissions declared once, views that must name theirs, and a layer that denies by default.

A view says `@requires("records.read")`, `@open_to_all` or `@signed_in(verified=False)`. One that says nothing stops
the start and, should it slip through, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.core import checks
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from foundation.audit.actor import Actor
from foundation.errors import Forbidden
from foundation.registry import Registry
from foundation.web import error_page, note_refusal

type View = Callable[..., HttpResponseBase]
ATTRIBUTE = "portico_access"


@dataclass(frozen=True, slots=True)
class Permission:
    """A right: its name, what it opens in plain words, and which roles have it."""

    name: str
    opens: str | Promise
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class PatientRef:
    """The person whose record is open. Comes from the rights in the database, never from a request."""

    id: UUID
    name: str
    given_name: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking, in which roles, how far proved, and whose record they may open."""

    user_id: UUID | None
    actor: Actor
    roles: frozenset[str] = frozenset()
    verified: bool = False
    language: str = "en"
    patient: PatientRef | None = None
    extra: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    def may(self, permission: str) -> bool:
        return self.verified and bool(declared_permissions.get(permission).roles & self.roles)


ANONYMOUS = Viewer(None, Actor.anonymous())


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks. The middleware of `portal.access` has put them there."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]  # Django's request does not know of it
    return viewer


@dataclass(frozen=True, slots=True)
class Access:
    """What a view asks of its viewer."""

    kind: Literal["all", "signed_in", "permission"]
    permission: str = ""
    verified: bool = True


declared_permissions: Registry[Permission] = Registry("permissions")


def declare(permission: Permission) -> Permission:
    return declared_permissions.register(permission.name, permission)


def requires(permission: str) -> Callable[[View], View]:
    """The view opens for viewers who hold this permission and have proved their second factor."""
    return _marking(Access("permission", permission))


def signed_in(*, verified: bool = True) -> Callable[[View], View]:
    """The view opens for anyone signed in; with verified=False also before the second factor is proved."""
    return _marking(Access("signed_in", verified=verified))


def open_to_all(view: View) -> View:
    """The view opens for everybody: it must show nothing that belongs to anyone."""
    return _marking(Access("all"))(view)


def _marking(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, access)
        return view

    return mark


def declared(included: Any, *, permission: str) -> Any:
    """`include(...)` of views that somebody else wrote, all under one permission ("*" for everybody)."""
    access = Access("all") if permission == "*" else Access("permission", permission)
    module = included[0]
    for pattern in walk(getattr(module, "urlpatterns", module)):
        setattr(pattern.callback, ATTRIBUTE, access)
    return included


def access_of(view: View) -> Access | None:
    found = getattr(view, ATTRIBUTE, None)
    return found if isinstance(found, Access) else None


def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """Every URL pattern below these."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns)
        else:
            yield entry


@checks.register(checks.Tags.urls)
def every_view_declares_its_permission(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Default deny starts here: a route without a declared permission stops the start."""
    found: list[checks.CheckMessage] = []
    for name in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        for pattern in walk(import_module(name).urlpatterns):
            access = access_of(pattern.callback)
            if access is None:
                found.append(checks.Error(f"{name}: the view at {pattern.pattern!s} declares no permission.",
                             hint="Use @requires, @signed_in or @open_to_all.", id="portico.E001"))  # fmt: skip
            elif access.kind == "permission" and access.permission not in declared_permissions:
                found.append(checks.Error(f"{name}: {pattern.pattern!s} asks for {access.permission!r}, "
                             "which nobody declared.", id="portico.E002"))  # fmt: skip
    return found


class PermissionMiddleware:
    """Denies by default. Runs after the viewer is known, before any view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        access = access_of(view)
        if access is None:
            return error_page(request, Forbidden())
        if access.kind == "all":
            return None
        viewer = viewer_of(request)
        if not viewer.signed_in:
            return _to_sign_in(request)
        if access.verified and not viewer.verified:
            return redirect(settings.PORTICO_SECOND_FACTOR_URL)
        if access.kind == "permission" and not viewer.may(access.permission):
            note_refusal(request, Forbidden(), access.permission)
            return error_page(request, Forbidden())
        return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = reverse(settings.LOGIN_URL)
    if request.method in {"GET", "HEAD"} and request.path != "/":
        target = f"{target}?{urlencode({'next': request.get_full_path()})}"
    return redirect(target)

"""`request.viewer`: who is asking, found when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from foundation.permissions import View, access_of
from portal.access.queries import viewer_for


class ViewerMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: viewer_for(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        """A view that is not open to all asks who is there in any case: it gets the viewer, not a promise of one."""
        access = access_of(view)
        if access is not None and access.kind != "all":
            request.viewer = viewer_for(request)  # type: ignore[attr-defined]

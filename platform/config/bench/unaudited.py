"""A server that writes no events, for the measurement of what they cost. Nothing but its own settings names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from foundation.audit import trail


def without_events(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stands as a middleware, and takes the trail's pen away when the server starts."""
    if settings.SETTINGS_MODULE != "config.settings.bench_unaudited":
        raise ImproperlyConfigured("Only the measurement may serve pages that leave no event.")
    trail.write = _nothing
    return get_response


def _nothing(events: Sequence[trail.Event]) -> None:
    """What would have been written."""

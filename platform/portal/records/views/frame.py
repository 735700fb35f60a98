"""What every page of the record says beside its own content."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.errors import NotFound
from foundation.permissions import viewer_of
from portal.records.display.freshness import freshness_for


def page_number(request: HttpRequest) -> int:
    """The page of a long list that is asked for. Raises NotFound for what is no number."""
    number = request.GET.get("page", "0")
    if not (number.isascii() and number.isdigit() and len(number) < 4):
        raise NotFound
    return int(number)


def page(request: HttpRequest, template: str, words: dict[str, Any]) -> HttpResponse:
    """Renders a page with the line that says how new the record is."""
    return render(request, template, {"state": freshness_for(viewer_of(request)), **words})

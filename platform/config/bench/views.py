"""The pages that the portal's own are measured against."""

from django.http import HttpRequest, HttpResponse

from foundation.permissions import open_to_all


@open_to_all
def empty(request: HttpRequest) -> HttpResponse:
    """Nothing: what the middleware and the server cost."""
    return HttpResponse(b"empty\n", content_type="text/plain")

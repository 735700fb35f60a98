from django.http import HttpRequest, HttpResponse

from foundation.permissions import requires
from portal.records.permissions import EXPORT


@requires(EXPORT)
def exports(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@requires(EXPORT)
def export(request, export_id):
    return HttpResponse()


@requires(EXPORT)
def export_file(request, export_id):
    return HttpResponse()

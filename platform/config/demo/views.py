"""The demo's mail box, on the vendor's host. It is open to all: nothing real is ever sent in the demo."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.views.decorators.http import require_safe

from config.demo import mail
from foundation.errors import NotFound
from foundation.permissions import open_to_all

_PAGES = Path(__file__).parent / "pages"


def _page(request: HttpRequest, name: str, words: dict[str, object]) -> HttpResponse:
    # No app, so no folder of templates: the demo is no part of what a hospital runs.
    template = engines["django"].from_string((_PAGES / name).read_text())
    return HttpResponse(template.render(words, request))


@open_to_all
@require_safe
def mail_box(request: HttpRequest) -> HttpResponse:
    return _page(request, "mail_box.html", {"mails": mail.mails()})


@open_to_all
@require_safe
def one_mail(request: HttpRequest, key: str) -> HttpResponse:
    found = mail.mail(key)
    if found is None:
        raise NotFound
    return _page(request, "one_mail.html", {"mail": found})

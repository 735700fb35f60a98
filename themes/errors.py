"""Branded pages for what goes wrong. They come out without a database, a session or a signed-in person."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.errors import Refusal
from foundation.logs import get_logger
from foundation.tenancy import HospitalRecord
from themes.queries import BrandView, brand_of, known_brand

log = get_logger(__name__)


class BrandInvalid(Refusal):
    """A value of the brand is not one we can use; the message says which and how to mend it."""

    code = "brand_invalid"


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, what is safe, what to do."""

    title: str | Promise
    text: str | Promise
    again: bool = False


PAGES: dict[str, Words] = {
    "400": Words(
        _("We could not read that request"),
        _("The address or the form was not complete. Nothing was changed. Go back and try once more."),
    ),
    "403": Words(
        _("You cannot open this page"),
        _("Your account does not have the right to see it. If you think it should, call us."),
    ),
    "404": Words(
        _("Page not found"),
        _("If you typed the address, check that it is right. The page may have moved, or it may not be yours to open."),
    ),
    "csrf": Words(
        _("Send the form once more"),
        _("The page was open for a long time, so we did not accept the form. Nothing was changed. Go back, load the "
          "page again and send it once more."),
    ),
    "405": Words(
        _("This page cannot do that"),
        _("The address is right, and it does not take what was sent. Nothing was changed. Go back and try once more."),
    ),
    "413": Words(
        _("That was too large"),
        _("What you sent is larger than this page takes. Nothing was saved. Send less at a time."),
    ),
    "409": Words(
        _("This has changed in the meantime"),
        _("Somebody else changed it at the same time. Nothing of yours was saved. Go back and look at it again."),
    ),
    "429": Words(
        _("Too many tries"),
        _("To keep your account safe we ask you to wait a few minutes. Then try again."),
    ),
    "500": Words(
        _("Something went wrong on our side"),
        _("It is not your fault, and your records are safe. We have been told. Try again in a few minutes."),
        again=True,
    ),
    "503": Words(
        _("This page is not ready right now"),
        _("Your records are safe. Try again in a few minutes."),
        again=True,
    ),
    "suspended": Words(
        _("This site is closed for now"),
        _("You cannot sign in here at the moment. Your records are safe. If you need care or have a question, call "
          "the hospital."),
    ),
}  # fmt: skip


def render_error(request: HttpRequest, status: int, *, code: str = "", message: str | Promise = "") -> HttpResponse:
    """The page for a status. `code` picks other words than the status' own; `message` replaces the explanation."""
    words = PAGES.get(code) or PAGES.get(str(status)) or PAGES["400" if status < 500 else "500"]
    hospital: HospitalRecord | None = getattr(request, "hospital", None)
    view = _brand(hospital, status)
    context = {
        "words": words,
        "message": message or words.text,
        "status": status,
        "request_id": getattr(request, "id", ""),
        "brand": view,
        "theme_url": view.theme_url,
        "plain": True,
        "retry_path": request.get_full_path() if words.again and request.method == "GET" else "",
    }
    response = HttpResponse(render_to_string("themes/error.html", context), status=status)
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "120"
    return response


def _brand(hospital: HospitalRecord | None, status: int) -> BrandView:
    """The hospital's brand; of pages for our own faults only what the process knows by heart."""
    if hospital is None or status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return known_brand(hospital)
    try:
        return brand_of(hospital)
    except Exception:
        log.exception("brand.unread")
        return known_brand(hospital)

"""Refusals: what a person asked for and may not have, or not now, in words that can be shown to them."""

from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Base of every refusal. `code` is for programs, `message` for people, `status` for HTTP."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    default: ClassVar[str | Promise] = _("This cannot be done.")

    def __init__(self, message: str | Promise | None = None) -> None:
        self.message = message or self.default
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotFound(Refusal):
    """Absent, or not yours: the two look the same."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    default = _("We could not find this.")


class Forbidden(Refusal):
    code = "forbidden"
    status = HTTPStatus.FORBIDDEN
    default = _("You cannot open this.")


class Conflict(Refusal):
    code = "conflict"
    status = HTTPStatus.CONFLICT
    default = _("Somebody else changed this at the same time.")


class TooMany(Refusal):
    code = "too_many"
    status = HTTPStatus.TOO_MANY_REQUESTS
    default = _("You have tried this too many times. Wait a little, then try again.")


class Unavailable(Refusal):
    code = "unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    default = _("This does not work right now. Try again in a few minutes.")

"""What accounts refuses, in words."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from foundation.errors import Refusal


class WrongRole(Refusal):
    code = "wrong_role"
    default = _("This role does not exist here.")


class CodeDoesNotMatch(Refusal):
    code = "code_does_not_match"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    default = _("This code is not right. Wait for the next one in your app, then type that.")

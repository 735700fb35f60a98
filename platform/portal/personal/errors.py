"""Refusals of this app."""

from django.utils.translation import gettext_lazy as _

from foundation.errors import Conflict, NotFound


class CopyIsGone(NotFound):
    """Its time is up, it was downloaded, or it never was: the three look the same to a program."""

    code = "copy_is_gone"
    default = _("This file is gone. It works once. You can ask for a new one.")


class AlreadyAsked(Conflict):
    code = "already_asked"
    default = _("You have asked for this already. The hospital will answer you.")


class AlreadyAnswered(Conflict):
    code = "already_answered"
    default = _("This request has been answered already.")

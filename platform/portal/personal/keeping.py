"""What is kept about whom, in words: for the page about one's own data."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.permissions import Viewer
from foundation.personal import Declaration, Holds, Kept, declarations
from portal.personal.erasing import is_here

GROUPS = {
    Holds.HEALTH: _("Your health"),
    Holds.IDENTITY: _("Who you are"),
    Holds.ACCOUNT: _("Your account, and what was done"),
}
OF_EVERYBODY = "accounts"


@dataclass(frozen=True, slots=True)
class Line:
    title: str | Promise
    kept: str | Promise


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    lines: list[Line]


def what_is_kept(viewer: Viewer) -> list[Group]:
    """The groups that hold something for this viewer: a patient is not told of what staff alone have."""
    groups = []
    for kind, title in GROUPS.items():
        lines = [Line(said.title, why(said)) for said in declarations(kind) if is_here(said) and _of(viewer, said)]
        if lines:
            groups.append(Group(title, lines))
    return groups


def why(said: Declaration) -> str | Promise:
    """Why it stays when the rest is erased; empty where it does not."""
    return said.erase.reason if isinstance(said.erase, Kept) else ""


def _of(viewer: Viewer, said: Declaration) -> bool:
    if viewer.roles == {"patient"}:
        return bool(said.patient) or said.model._meta.app_label == OF_EVERYBODY
    return bool(said.person) or (bool(said.patient) and viewer.patient is not None)

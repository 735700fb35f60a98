"""What the views have in common: the viewer, and searches that stand in the session, never in an address (S63)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.http import HttpRequest, QueryDict

KEPT = "privacy.searches"
MOST_KEPT = 8


def keep(request: HttpRequest, asked: Mapping[str, str]) -> str:
    """Puts what was searched for into the session, and gives the key under which the address names it."""
    key = secrets.token_hex(4)
    kept: dict[str, dict[str, str]] = request.session.get(KEPT, {})
    request.session[KEPT] = {**dict(list(kept.items())[1 - MOST_KEPT :]), key: dict(asked)}
    return key


def kept_search(request: HttpRequest) -> dict[str, str]:
    """What the address's key stands for; nothing for one that is not known any more."""
    found: dict[str, str] = request.session.get(KEPT, {}).get(request.GET.get("search", ""), {})
    return found


def filled(data: QueryDict, names: Mapping[str, object]) -> dict[str, str]:
    return {name: str(data[name])[:200] for name in names if data.get(name)}

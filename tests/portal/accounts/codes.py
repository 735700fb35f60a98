"""Codes as an app would show them, and what a browser reads off a page."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any

from django_otp.oath import hotp

from tests.people import SECRET

NOON = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)


def code_at(moment: datetime, secret: str = SECRET) -> str:
    """What an authenticator app with this Base32 key shows at this moment."""
    plain = secret.replace(" ", "")
    seed = base64.b32decode(plain + "=" * (-len(plain) % 8))
    return f"{hotp(seed, int(moment.timestamp()) // 30, 6):06d}"


def key_of(page: Any) -> str:
    """The typed key that the set-up page shows."""
    found = re.search(r'id="key">([A-Z2-7 ]+)<', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def csrf_of(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]

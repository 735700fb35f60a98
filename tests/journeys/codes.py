"""Codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 s), made as the phone makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time


def code_at(secret: str, step: int) -> str:
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def code_of(secret: str, spent: dict[str, int], who: str) -> str:
    """A code that is good now and was not used before. The step before this one serves while it is surely good."""
    here, into = divmod(int(time.time()), 30)
    step = max(here - (into < 15), spent.get(who, 0) + 1)
    spent[who] = step
    return code_at(secret, step)

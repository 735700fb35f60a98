"""The form before each hospital had a key: everything derived from one master key (HKDF, RFC 5869).

Such texts open as long as PORTICO_MASTER_KEY is given, and the next rotation seals them anew. Nothing new is made so.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from foundation.tenancy import current_schema

VERSION = "v1"


def given() -> bool:
    return bool(settings.PORTICO_MASTER_KEY)


def key(purpose: str = "seal") -> bytes:
    master: str = settings.PORTICO_MASTER_KEY
    info = f"portico:{current_schema()}:{purpose}".encode()
    return HKDF(SHA256(), 32, salt=b"portico", info=info).derive(master.encode())


def fingerprint(value: str, *, purpose: str) -> str:
    return hmac.new(key(f"fingerprint:{purpose}"), value.encode(), hashlib.sha256).hexdigest()

"""Secrets at rest: AES-256-GCM under a key of the hospital's own, bound to where the secret stands (S58).

A sealed text opens only in the schema, table, column and row for which it was sealed: a row copied to another hospital,
or to another person, stays shut. The hospital's key is derived from the deployment's master key (HKDF, RFC 5869);
a key of its own under a KMS takes that place behind the same two functions.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from foundation.tenancy import current_schema

VERSION = "v1"
NONCE = 12


class Sealed(ValueError):
    """A secret did not open: it was changed, or it belongs to another place."""


def seal(plaintext: bytes | str, *, table: str, column: str, row: str = "") -> str:
    """The secret as text that opens only here."""
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    nonce = os.urandom(NONCE)
    box = AESGCM(_key("seal")).encrypt(nonce, data, _context(table, column, row))
    return f"{VERSION}.{base64.urlsafe_b64encode(nonce + box).decode()}"


def unseal(text: str, *, table: str, column: str, row: str = "") -> bytes:
    """The secret. Raises Sealed where it was not sealed for this place."""
    version, _, body = text.partition(".")
    if version != VERSION:
        raise Sealed("This secret has a form that is not known here.")
    try:
        raw = base64.urlsafe_b64decode(body)
        return AESGCM(_key("seal")).decrypt(raw[:NONCE], raw[NONCE:], _context(table, column, row))
    except (InvalidTag, ValueError) as error:
        raise Sealed("This secret does not open here.") from error


def fingerprint(value: str, *, purpose: str) -> str:
    """A keyed hash (HMAC-SHA256) of a secret that need not be read again, such as a recovery code."""
    return hmac.new(_key(f"fingerprint:{purpose}"), value.encode(), hashlib.sha256).hexdigest()


def _context(table: str, column: str, row: str) -> bytes:
    return "\x1f".join((current_schema(), table, column, row)).encode()


def _key(purpose: str) -> bytes:
    master: str = settings.PORTICO_MASTER_KEY
    info = f"portico:{current_schema()}:{purpose}".encode()
    return HKDF(SHA256(), 32, salt=b"portico", info=info).derive(master.encode())

"""Sealing a value: AES-256-GCM under the column's data key, bound to schema, table, column and row (S58).

A sealed text is `v2.<version of the data key>.<nonce and box in base64>`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.crypto import datakeys, legacy
from foundation.crypto.errors import KeysDestroyed, Sealed
from foundation.registry import sealed_columns
from foundation.tenancy import current_schema

VERSION = "v2"
NONCE = 12
FINGERPRINTS = ("fingerprint", "hmac")  # table and column of the key that lives as long as the hospital's


def seal(plaintext: bytes | str, *, table: str, column: str, row: str = "") -> str:
    """The secret as text that opens only here. The column is one of `foundation.registry.sealed_columns`."""
    if f"{table}.{column}" not in sealed_columns:
        raise LookupError(f"{table}.{column} is not registered as a sealed column: rotation would pass it by.")
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    key = datakeys.current(table, column)
    nonce = os.urandom(NONCE)
    box = AESGCM(key.key).encrypt(nonce, data, _bound(table, column, row))
    return f"{VERSION}.{key.version}.{base64.urlsafe_b64encode(nonce + box).decode()}"


def unseal(text: str, *, table: str, column: str, row: str = "") -> bytes:
    """The secret. Raises Sealed where it was not sealed for this place, KeysAway while the key store is away."""
    form, _, rest = text.partition(".")
    if form == legacy.VERSION:
        return _open(_legacy_key(), rest, _bound(table, column, row))
    number, _, body = rest.partition(".")
    if form != VERSION or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Sealed("This secret has a form that is not known here.")
    return _open(datakeys.numbered(table, column, int(number)).key, body, _bound(table, column, row))


def fingerprint(value: str, *, purpose: str) -> str:
    """A keyed hash (HMAC-SHA256) of a secret that need not be read again, such as a recovery code.

    Its key stays the same when keys are rotated, and ends with the hospital's.
    """
    own = hmac.new(datakeys.current(*FINGERPRINTS).key, f"fingerprint:{purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(own, value.encode(), hashlib.sha256).hexdigest()


def fingerprints(value: str, *, purpose: str) -> tuple[str, ...]:
    """The fingerprint, and while PORTICO_MASTER_KEY is given also the one of the old form: for looking one up."""
    now = fingerprint(value, purpose=purpose)
    return (now, legacy.fingerprint(value, purpose=purpose)) if legacy.given() else (now,)


def _legacy_key() -> bytes:
    if not legacy.given():
        raise Sealed("This secret is sealed in the old way, and PORTICO_MASTER_KEY is not given.")
    root = datakeys.root_key()
    if root is not None and root[1] != "active":
        raise KeysDestroyed("The keys of this hospital were destroyed.")
    return legacy.key()


def _open(key: bytes, body: str, bound: bytes) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(body)
        return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise Sealed("This secret does not open here.") from error


def _bound(table: str, column: str, row: str) -> bytes:
    return "\x1f".join((current_schema(), table, column, row)).encode()

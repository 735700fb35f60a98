"""The signature under the end of a chain: a compact JWS (RFC 7515) with Ed25519 (RFC 8037).

The private key is made of one secret; the public one may be handed to an auditor (`manage.py audit key`), who can then
check what the store outside holds without any of our secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

ALGORITHM = "Ed25519"
type Use = Literal["head", "checkpoint", "break"]
USES: dict[str, Use] = {"head": "head", "checkpoint": "checkpoint", "break": "break"}


class BadSignature(ValueError):
    """This was not signed by a key that we know, or not as what it is used for."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a schema's chain at a moment.

    As a "checkpoint": the last event that was removed for its age. As a "break": up to where a restored chain goes.
    `count` is how many events the chain held (of a checkpoint: how many were removed, all times together).
    """

    schema: str
    hospital: str
    sequence: int
    hash: bytes
    at: datetime
    count: int
    use: Use = "head"


def sign(head: Head) -> str:
    """The head as text that nobody else can make."""
    private = _private()
    said = {
        "use": head.use, "schema": head.schema, "hospital": head.hospital, "sequence": head.sequence,
        "hash": head.hash.hex(), "at": head.at.isoformat(), "count": head.count,
    }  # fmt: skip
    header = {"alg": ALGORITHM, "typ": "portico-audit", "kid": private.thumbprint()}
    return jws.serialize_compact(header, orjson.dumps(said), private, algorithms=[ALGORITHM])


def read(text: str) -> Head:
    """What was signed. Raises BadSignature."""
    for key in (_private(), *map(_public, settings.PORTICO_AUDIT_PUBLIC_KEYS)):
        try:
            said = orjson.loads(jws.deserialize_compact(text, key, algorithms=[ALGORITHM]).payload)
            return _head(said)
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    raise BadSignature("The signature does not fit.")


def _head(said: dict[str, Any]) -> Head:
    return Head(
        str(said["schema"]), str(said["hospital"]), int(said["sequence"]), bytes.fromhex(said["hash"]),
        datetime.fromisoformat(said["at"]), int(said["count"]), USES[said["use"]],
    )  # fmt: skip


def public_key() -> dict[str, str]:
    """The public half as a JWK (RFC 8037), for whoever checks from outside."""
    private = _private()
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": private.thumbprint(), "x": _x(private)}


def _private() -> OKPKey:
    secret: str = settings.PORTICO_AUDIT_SECRET
    seed = HKDF(SHA256(), 32, salt=b"portico", info=b"portico:audit:anchor").derive(secret.encode())
    key = Ed25519PrivateKey.from_private_bytes(seed)
    raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": _text(raw), "x": _text(public)})


def _public(x: str) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def _x(key: OKPKey) -> str:
    return str(key.as_dict(private=False)["x"])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()

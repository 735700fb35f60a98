"""From bytes to resources: JSON that keeps each digit, a stable hash, and nothing that PostgreSQL could choke on.

A FHIR decimal's precision has a meaning (R4, 2.24.0.1: 5.40 is not 5.4), so numbers are read as Decimal and written
digit by digit. Text from the mirror is read by the same decoder: a body looks the same from either side.
"""

from __future__ import annotations

import codecs
import json as stdlib_json
import re
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.values import Received

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")
NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
TYPE = re.compile(r"^[A-Z][A-Za-z]{1,63}\Z")
FHIR_ID = re.compile(r"^[A-Za-z0-9\-._~:]{1,200}\Z")


def decode(text: bytes | str) -> Any:
    """JSON as Python values, decimals as Decimal. Raises ConnectorError(GARBAGE) where it is no JSON at all."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        return _decode_leniently(text.encode() if isinstance(text, str) else text)


def _decode_leniently(text: bytes) -> Any:
    """What strict readers refuse and servers send: a byte order mark, Latin-1 bytes, lone surrogates."""
    text = text.removeprefix(codecs.BOM_UTF8)
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    try:
        value = stdlib_json.loads(decoded, parse_float=Decimal, parse_constant=_no_constant, strict=False)
        return _whole(value) if "\\u" in decoded else value
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise ConnectorError(Fault.GARBAGE, "The answer is not JSON.") from error


def _whole(value: Any) -> Any:
    """The same with U+FFFD for half a character: a text that was cut in the middle of an emoji."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def encode(value: Any) -> bytes:
    """Compact JSON with sorted keys."""
    return _encoder.encode(value)


def receive(body: Any, *, owner: str = "") -> Received | None:
    """A resource out of an answer; None where it is no resource at all.

    `owner` tells unnamed resources of different patients apart.
    """
    if not isinstance(body, dict):
        return None
    kind = body.get("resourceType")
    if not isinstance(kind, str) or not TYPE.match(kind):
        return None
    body, text, note = _storable(body)
    meta = body.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    version, updated = _text(meta.get("versionId")), _text(meta.get("lastUpdated"))
    fhir_id = body.get("id")
    if not isinstance(fhir_id, str) or not FHIR_ID.match(fhir_id):
        fhir_id = "~" + blake2b(owner.encode() + text, digest_size=16).hexdigest()
        note = note or "no_id"
    return Received(kind, fhir_id, version[:64], updated[:40], body, text, content_hash(text, version, updated), note)


def content_hash(text: bytes, version: str, updated: str) -> bytes:
    """Hash of a resource's content: a server that only touches version and time has not changed it."""
    plain = text
    for name, value in (("lastUpdated", updated), ("versionId", version)):
        if value:
            plain = plain.replace(f'"{name}":"{value}"'.encode(), b"", 1)
    return blake2b(plain, digest_size=16).digest()


def _storable(body: dict[str, Any]) -> tuple[dict[str, Any], bytes, str]:
    """The body, its text, and a note: PostgreSQL's jsonb has no place for the character U+0000."""
    try:
        text = encode(body)
    except (TypeError, ValueError, RecursionError):
        text = stdlib_json.dumps(body, default=str, sort_keys=True).encode()
    if b"\\u0000" in text and NUL.search(text):
        text = NUL.sub(rb"\1\\ufffd", text)
        return _decoder.decode(text), text, "nul_replaced"
    return body, text, ""


def _text(value: Any) -> str:
    return value.replace("\x00", "") if isinstance(value, str) else ""

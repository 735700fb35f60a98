"""The bytes of documents: a Binary or whatever stands behind an attachment's address."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urljoin, urlsplit

from portal.ehr.connectors.fhir_r4.client import FhirClient
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.payload import decode
from portal.ehr.values import Content


def fetch(client: FhirClient, url: str, limit: int) -> Content:
    """Only from this server: ours is not a way to fetch from elsewhere, nor to show our token to others."""
    target = urljoin(client.base + "/", url)
    if not _below(target, client.base):
        raise ConnectorError(Fault.ADDRESS, "The document is kept at another server.", permanent=True)
    reply = client.raw(target, (), {"Accept": "*/*"}, max_bytes=limit * 2, total_seconds=10.0)
    kind = reply.headers.get("content-type", "application/octet-stream").split(";")[0].strip().lower()
    if kind in {"application/fhir+json", "application/json"}:
        return _unwrap(reply.body, kind, limit)
    return Content(kind, _within(reply.body, limit))


def _below(target: str, base: str) -> bool:
    parts, own = urlsplit(target), urlsplit(base)
    same = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    return same and parts.path.startswith(own.path.rstrip("/") + "/") and ".." not in parts.path.split("/")


def _unwrap(body: bytes, kind: str, limit: int) -> Content:
    """A Binary resource carries its bytes in Base64 (R4, Binary.data)."""
    try:
        value = decode(body)
    except ConnectorError:
        return Content(kind, _within(body, limit))
    if not isinstance(value, dict) or value.get("resourceType") != "Binary":
        return Content(kind, _within(body, limit))
    try:
        data = base64.b64decode(str(value.get("data", "")), validate=False)
    except binascii.Error:
        raise ConnectorError(Fault.GARBAGE, "The document's bytes cannot be read.") from None
    return Content(str(value.get("contentType", "application/octet-stream")).lower(), _within(data, limit))


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise ConnectorError(Fault.SIZE, permanent=True)
    return data

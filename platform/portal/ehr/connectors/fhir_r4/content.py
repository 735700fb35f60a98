"""The bytes of documents: a Binary or whatever stands behind an attachment's address."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote, urljoin, urlsplit

from portal.ehr.connectors.fhir_r4.client import FhirClient
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.payload import decode
from portal.ehr.values import Content

_BINARY = re.compile(r"/Binary/[A-Za-z0-9.\-]{1,64}(/_history/[A-Za-z0-9.\-]{1,64})?\Z")


def fetch(client: FhirClient, url: str, limit: int) -> Content:
    """Only from this server: ours is not a way to fetch from elsewhere, nor to show our token to others.

    Our token reads every patient. An address that leads to a resource, and to no Binary, is no document: it could be
    anybody's chart.
    """
    target = urljoin(client.base + "/", url)
    if not _below(target, client.base):
        raise ConnectorError(Fault.ADDRESS, "The document is kept at another server.", permanent=True)
    reply = client.raw(target, (), {"Accept": "*/*"}, max_bytes=limit * 2, total_seconds=10.0)
    kind = reply.headers.get("content-type", "application/octet-stream").split(";")[0].strip().lower()
    if not _BINARY.search(urlsplit(target).path) and _is_resource(kind, reply.body):
        raise ConnectorError(Fault.ADDRESS, "The document's address leads to a resource.", permanent=True)
    if kind in {"application/fhir+json", "application/json"}:
        return _unwrap(reply.body, kind, limit)
    return Content(kind, _within(reply.body, limit))


def _is_resource(kind: str, body: bytes) -> bool:
    """Whether this is FHIR itself, a Binary apart, whatever type it is said to have."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in {b"{", b"["}:
        try:
            value = decode(body)
        except ConnectorError:
            return "fhir" in kind
        return isinstance(value, dict) and value.get("resourceType", "Binary") != "Binary"
    if start == b"<":
        return b"http://hl7.org/fhir" in body[:4096] and not re.search(rb"<(\w+:)?Binary[\s>]", body[:4096])
    return "fhir" in kind


def _below(target: str, base: str) -> bool:
    parts, own = urlsplit(target), urlsplit(base)
    same = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    below = parts.path.startswith(own.path.rstrip("/") + "/")
    return same and below and ".." not in re.split(r"[/\\]", unquote(unquote(parts.path)))


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

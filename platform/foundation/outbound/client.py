"""The client: redirects by hand, time and size bounded while reading."""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import certifi
import httpcore
import httpx
from django.conf import settings

from foundation.outbound.addresses import OutboundError, check_url, networks, refuse_literal
from foundation.outbound.backend import Backend, Resolve, deadline, resolve

CONNECT_SECONDS = 3.0
READ_SECONDS = 15.0
TOTAL_SECONDS = 60.0
MAX_BYTES = 32 * 1024 * 1024
MAX_REDIRECTS = 5
CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, decompressed, within the limits."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str


class _Transport(httpx.HTTPTransport):
    """httpx's transport over our backend."""

    def __init__(self, backend: Backend, context: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=10, max_keepalive_connections=5, keepalive_expiry=30.0,
            http1=True, http2=False, network_backend=backend,
        )  # fmt: skip


_trusted: list[ssl.SSLContext] = []


def trusted() -> ssl.SSLContext:
    """The system's certificate authorities and certifi's: read once a process, the same for every hospital."""
    if not _trusted:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        _trusted.append(context)
    return _trusted[0]


class OutboundClient:
    """One caller's way out. Thread-safe; keeps connections open. The environment's proxies are not used."""

    def __init__(
        self,
        *,
        allow_networks: Iterable[str] = (),
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
        tls: ssl.SSLContext | None = None,
        find: Resolve = resolve,
    ) -> None:
        self._allowed = networks(allow_networks)
        self._total = total_seconds
        self._max = max_bytes
        self._client = httpx.Client(
            transport=_Transport(Backend(self._allowed, find), tls or trusted()),
            timeout=httpx.Timeout(read_seconds, connect=connect_seconds, pool=total_seconds),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "gzip", "User-Agent": "Portico"},
        )

    def __enter__(self) -> OutboundClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Sequence[tuple[str, str]] = (),
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        total_seconds: float | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """The answer, whatever its status. Raises OutboundError. Only GET and HEAD follow redirects."""
        token = deadline.set(time.monotonic() + (total_seconds or self._total))
        try:
            target = str(httpx.URL(url, params=list(params))) if params else url
            sent = {key.lower(): value for key, value in (headers or {}).items() if key.lower() != "host"}
            for _hop in range(MAX_REDIRECTS + 1):
                reply = self._once(method, target, sent, form, content, max_bytes or self._max)
                onward = reply.headers.get("location") if reply.status in {301, 302, 303, 307, 308} else None
                if onward is None or method not in {"GET", "HEAD"}:
                    return reply
                target, sent = _redirect(target, onward, sent)
            raise OutboundError("redirect", "The server redirects without end.", permanent=True)
        finally:
            deadline.reset(token)

    def _once(
        self, method: str, url: str, headers: dict[str, str], form: Any, content: bytes | None, limit: int
    ) -> Reply:
        scheme, host, port = check_url(url)
        if scheme == "http" and not settings.PORTICO_PLAIN_HTTP:
            raise OutboundError("url", "The address must begin with https://.", permanent=True)
        refuse_literal(host, self._allowed)
        try:
            with self._client.stream(method, url, headers=headers, data=form, content=content) as response:
                body = b"".join(_bounded(response, limit))
                return Reply(response.status_code, response.headers, body, url)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise OutboundError("slow", _slow(error, host), permanent=False) from error
        except (httpx.ConnectError, httpcore.ConnectError) as error:
            raise _not_connected(error, host, port) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.ProtocolError, httpcore.NetworkError, OSError) as error:
            raise OutboundError("broken", f"{host} broke off its answer.", permanent=False) from error


def _bounded(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """The body, decompressed piece by piece, never more than the limit in memory."""
    too_large = OutboundError("size", f"The answer is larger than {limit // 1024} KiB.", permanent=True)
    if int(response.headers.get("content-length") or "0") > limit:
        raise too_large
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip", "deflate"}:
        raise OutboundError(
            "broken", f"The answer is packed as {encoding[:20]}, which was not asked for.", permanent=True
        )
    unpack = None if encoding in {"identity", ""} else zlib.decompressobj(wbits=47 if "gzip" in encoding else 15)
    size = 0
    for raw in response.iter_raw():
        if time.monotonic() > deadline.get():
            raise httpx.ReadTimeout("The time for this request is over.")
        try:
            piece = unpack.decompress(raw, limit - size + 1) if unpack else raw
        except zlib.error:
            raise OutboundError("broken", "The packed answer cannot be unpacked.", permanent=False) from None
        size += len(piece)
        if size > limit:
            raise too_large
        yield piece


def _redirect(url: str, onward: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Where the redirect leads and which headers may go there."""
    target = urljoin(url, onward)
    before, after = check_url(url), check_url(target)
    if before[0] == "https" and after[0] == "http":
        raise OutboundError("redirect", "The server redirects from https to http.", permanent=True)
    if before == after:
        return target, headers
    return target, {key: value for key, value in headers.items() if key not in CREDENTIALS}


def _slow(error: Exception, host: str) -> str:
    if isinstance(error, httpx.ConnectTimeout | httpcore.ConnectTimeout):
        return f"{host} did not take the connection in time."
    return f"{host} did not answer in time."


def _not_connected(error: Exception, host: str, port: int) -> OutboundError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return OutboundError(
                "tls", f"The certificate of {host} is not valid: {cause.verify_message}.", permanent=True
            )
        if isinstance(cause, ssl.SSLError):
            return OutboundError("tls", f"{host} does not speak TLS as it should on port {port}.", permanent=True)
        cause = cause.__cause__ or cause.__context__
    return OutboundError("connect", f"Nothing answers at {host}, port {port}.", permanent=False)

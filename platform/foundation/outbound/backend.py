"""The network below httpx: names resolved once, every answer checked, no wait longer than the request's time."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolverTimeout
from contextvars import ContextVar
from typing import Any

import httpcore

from foundation.outbound.addresses import Network, OutboundError, may_connect

type Resolve = Callable[[str, int], Sequence[str]]

deadline: ContextVar[float] = ContextVar("portico_outbound_deadline", default=0.0)
_resolvers: list[ThreadPoolExecutor] = []
os.register_at_fork(after_in_child=_resolvers.clear)  # a forked child has none of its parent's threads


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the system's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _resolver() -> ThreadPoolExecutor:
    if not _resolvers:
        _resolvers.append(ThreadPoolExecutor(8, thread_name_prefix="resolve"))
    return _resolvers[0]


class Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the request's time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, time_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, time_left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = time_left(timeout, httpcore.ConnectTimeout)
        return Stream(self._inner.start_tls(ssl_context, server_hostname, wait))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def time_left(timeout: float | None, error: type[Exception]) -> float:
    left = deadline.get() - time.monotonic()
    if left <= 0:
        raise error("The time for this request is over.")
    return min(left, timeout) if timeout else left


class Backend(httpcore.NetworkBackend):
    """Resolves a name once, checks every answer, and connects to what it checked."""

    def __init__(self, allowed: tuple[Network, ...], find: Resolve) -> None:
        self._allowed = allowed
        self._find = find
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self.addresses(host, port, timeout):
            try:
                wait = time_left(timeout, httpcore.ConnectTimeout)
                return Stream(self._inner.connect_tcp(address, port, wait, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            found = _resolver().submit(self._find, host, port).result(time_left(timeout, httpcore.ConnectTimeout))
        except ResolverTimeout:
            raise OutboundError("name", f"The name {host} was not resolved in time.", permanent=False) from None
        except (OSError, UnicodeError):
            raise OutboundError("name", f"The name {host} was not found.", permanent=False) from None
        if not found:
            raise OutboundError("name", f"The name {host} has no address.", permanent=False)
        for text in found:
            if "%" in text or not may_connect(ipaddress.ip_address(text), self._allowed):
                raise OutboundError("address", f"{host} is at {text}, a private or reserved address.", permanent=True)
        return list(found)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise OutboundError("address", "A socket of this machine is not an address.", permanent=True)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)

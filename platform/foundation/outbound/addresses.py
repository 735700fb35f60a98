"""Which addresses may be asked for: the spelling of a URL, and where a name may lead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
type Cause = Literal["url", "address", "name", "connect", "tls", "slow", "size", "redirect", "broken"]

HOST_LABELS = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z")
NUMBER = re.compile(r"^(0[xX][0-9a-fA-F]*|[0-9]+)\Z")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What clouds tell their machines: some of it stands at addresses that count as public.
METADATA = frozenset(
    ipaddress.ip_address(a)
    for a in (
        "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd20:ce::254",
    )
)  # fmt: skip
# Given up or set aside, which Python's own list of private networks does not say.
SET_ASIDE = tuple(ipaddress.ip_network(n) for n in ("fec0::/10", "3fff::/20", "192.88.99.0/24"))


class OutboundError(Exception):
    """A request that was not made, or had no usable answer. `permanent`: asking again changes nothing."""

    def __init__(self, cause: Cause, detail: str, *, permanent: bool) -> None:
        super().__init__(detail)
        self.cause = cause
        self.permanent = permanent


def check_url(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL that may be asked for. Raises OutboundError."""
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise OutboundError("url", "The address holds a space, a backslash or a control character.", permanent=True)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OutboundError("url", "The address cannot be read.", permanent=True) from None
    if parts.scheme not in {"http", "https"}:
        raise OutboundError("url", "The address must begin with https:// or http://.", permanent=True)
    if "@" in parts.netloc:
        raise OutboundError("url", "The address must not hold a name or a password.", permanent=True)
    host = check_host(parts.hostname or "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def check_host(host: str) -> str:
    """A plain host name or a plain IP address; never an address in disguise (decimal, octal, hexadecimal)."""
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host)) if "%" not in host else _bad_host(host)
        except ValueError:
            return _bad_host(host)
    name = host.rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return _bad_host(host)
    labels = name.split(".")
    if NUMBER.match(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            return _bad_host(host)
    if len(name) > 253 or not all(HOST_LABELS.match(label) for label in labels):
        return _bad_host(host)
    return name.lower()


def _bad_host(host: str) -> str:
    raise OutboundError("url", f"{host[:80]!r} is not a host name or a plain IP address.", permanent=True)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks of an egress entry. ValueError where one is not a network."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def may_connect(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """True for a public address, or a private one inside an allowed network. Some stay shut in any case."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inside_of(address)
        if inner is not None:
            return may_connect(inner, allowed)
    if address in METADATA or address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    aside = any(address in network for network in SET_ASIDE if network.version == address.version)
    if address.is_global and not address.is_reserved and not aside:
        return True
    if address.is_reserved and not address.is_loopback:
        return False
    return any(address.version == network.version and address in network for network in allowed)


def _inside_of(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one carries: mapped, 6to4, Teredo, NAT64, or the old compatible form."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64 or 1 < int(address) < 2**32:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def refuse_literal(host: str, allowed: tuple[Network, ...]) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not may_connect(address, allowed):
        raise OutboundError("address", f"{host} is a private or reserved address.", permanent=True)

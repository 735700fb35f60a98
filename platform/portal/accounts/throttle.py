"""Slows the guessing of passwords, by name and address, in this hospital only (the cache's keys carry the schema).

Nothing here ends or blocks a session that exists: who is signed in stays so, whatever others try with their name.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import cache

from foundation.errors import TooMany
from portal.accounts.models.people import plain_username

WINDOW_SECONDS = 15 * 60
PER_NAME_AND_ADDRESS = 10
PER_ADDRESS = 200
LINKS_PER_NAME_AND_ADDRESS = 5


def take_guess(name: str, address: str | None) -> None:
    """Counts one guess before it is judged, so that many at once are counted too. Raises TooMany."""
    of_name = _count(_key("guess", name, address))
    of_address = _count(_key("guesses", "", address))
    if of_name > PER_NAME_AND_ADDRESS or of_address > PER_ADDRESS:
        raise TooMany


def forgive(name: str, address: str | None) -> None:
    """A right password: the misses of this name at this address no longer count."""
    cache.delete(_key("guess", name, address))


def may_ask_for_link(name: str, address: str | None) -> bool:
    return _count(_key("link", name, address)) <= LINKS_PER_NAME_AND_ADDRESS


def _neighbours(address: str | None) -> str:
    """An address as guesses are counted: with IPv6 the /64, of which any one subscriber has all addresses."""
    if not address or not isinstance(ip_address(address), IPv6Address):
        return address or ""
    return str(ip_network(f"{address}/64", strict=False))


def _key(kind: str, name: str, address: str | None) -> str:
    who = hashlib.sha256(f"{plain_username(name)}|{_neighbours(address)}".encode()).hexdigest()
    return f"accounts:{kind}:{who}"


def _count(key: str) -> int:
    cache.add(key, 0, timeout=WINDOW_SECONDS)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two
        cache.set(key, 1, timeout=WINDOW_SECONDS)
        return 1

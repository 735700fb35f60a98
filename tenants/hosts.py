"""From a host to a hospital, without SQL in the hot path.

The process keeps frozen records, unknown hosts too. A change raises a generation number in the broker's memory; each
process looks at that number at most every quarter of a second (and for an unknown host each time), and forgets
everything when it has moved. Where the broker is away, records live for ten seconds.

This is a process-wide store of what `public` knows about hospitals: nothing in it belongs to a hospital's schema.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import redis
from django.conf import settings

from foundation.logs import get_logger
from foundation.tenancy import HospitalRecord

log = get_logger(__name__)
GENERATION_KEY = "public:hospitals:generation"
LOOK_EVERY = 0.25
LIVE_WITHOUT_BROKER = 10.0
MOST = 10_000


class HostCache:
    """Records by host. `load` asks the database."""

    def __init__(self, load: Callable[[str], HospitalRecord | None], generation: Callable[[], int | None]) -> None:
        self.load = load
        self.generation = generation
        self.known: OrderedDict[str, tuple[HospitalRecord | None, float]] = OrderedDict()
        self.seen: int | None = None
        self.looked = 0.0

    def find(self, host: str) -> HospitalRecord | None:
        moment = time.monotonic()
        entry = self.known.get(host)
        if moment - self.looked >= LOOK_EVERY or (entry is not None and entry[0] is None):
            self._look(moment)
            entry = self.known.get(host)
        if entry is not None and (self.seen is not None or moment - entry[1] < LIVE_WITHOUT_BROKER):
            return entry[0]
        found = self.load(host)
        self.known[host] = (found, moment)
        if len(self.known) > MOST:
            self.known.popitem(last=False)
        return found

    def forget(self) -> None:
        self.known.clear()

    def _look(self, moment: float) -> None:
        self.looked = moment
        generation = self.generation()
        if generation != self.seen:
            self.forget()
            self.seen = generation


_client: list[redis.Redis] = []


def broker() -> redis.Redis:
    if not _client:
        _client.append(redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5))
    return _client[0]


def generation() -> int | None:
    """The number of the last change, or None where the broker does not answer."""
    try:
        value = broker().get(GENERATION_KEY)
    except redis.RedisError:
        return None
    return int(value) if isinstance(value, bytes | str) else 0


def announce_change() -> None:
    """Something about a hospital changed: every process reads it anew."""
    try:
        broker().incr(GENERATION_KEY)
    except redis.RedisError:
        log.warning("hospitals.not_announced")

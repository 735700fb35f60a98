"""Unwrapped data keys, for a short time: while the key store is away, what was just used goes on working (R22).

Each stands under its schema, table, column, version and the wrapped key itself, so that no other hospital's and no
older key can ever be meant (S9). Each is forgotten when its time is over, and everything of a schema at once when its
keys are destroyed: an answer that was on its way then is not kept.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST = 4096


@dataclass(frozen=True, slots=True)
class Place:
    schema: str
    table: str
    column: str
    version: int
    wrapped: bytes


class Unwrapped:
    """A bounded store with a time to live. `tick` is a clock in seconds that never goes back."""

    def __init__(self, most: int = MOST, tick: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._tick = tick
        self._kept: OrderedDict[Place, tuple[bytes, float]] = OrderedDict()
        self._generation = 0
        self._lock = threading.Lock()

    def get(self, place: Place, *, seconds: float, unwrap: Callable[[], bytes]) -> bytes:
        """The key: kept, or unwrapped now and kept for so long."""
        with self._lock:
            key, until = self._kept.get(place, (b"", 0.0))
            if until > self._tick():
                return key
            self._kept.pop(place, None)
            generation = self._generation
        key = unwrap()
        with self._lock:
            if generation == self._generation:
                self._kept[place] = (key, self._tick() + seconds)
                self._forget_the_old()
        return key

    def forget(self, schema: str) -> None:
        """Everything of this schema, and whatever is being unwrapped at this moment."""
        with self._lock:
            self._generation += 1
            for place in [place for place in self._kept if place.schema == schema]:
                del self._kept[place]

    def forget_all(self) -> None:
        with self._lock:
            self._generation += 1
            self._kept.clear()

    def _forget_the_old(self) -> None:
        moment = self._tick()
        for place in [place for place, (_, until) in self._kept.items() if until <= moment]:
            del self._kept[place]
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


unwrapped = Unwrapped()

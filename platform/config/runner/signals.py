"""Waiting that ends at once when a person, make or the system asks everything to stop."""

import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import StopAsked

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Waiter:
    """Sleeps on a pipe that signals write to: the death of a child wakes it too.

    A handler only notes that it was called. What follows happens where `pause` was called, never in the middle
    of somebody's clean-up.
    """

    def __init__(self, parent: Callable[[], int] = os.getppid) -> None:
        self.asked = 0
        self._parent = parent
        # A make that is killed outright tells nobody: its children only get another parent.
        self._make = parent() if os.environ.get("MAKELEVEL") else None
        self._selector = selectors.DefaultSelector()

    def pause(self, seconds: float, listen: int | None = None) -> None:
        """Returns when the time is over, a child died or `listen` can be read; raises StopAsked when asked to stop."""
        self.check()
        if listen is not None:
            self._selector.register(listen, selectors.EVENT_READ)
        try:
            self._selector.select(min(seconds, 2.0))
        finally:
            if listen is not None:
                self._selector.unregister(listen)
        self._drain()
        self.check()

    def check(self) -> None:
        if self._make is not None and self._parent() != self._make:
            self.asked += 1
            self._make = None
        if self.asked:
            raise StopAsked

    def wait_for(self, done: Callable[[], bool], seconds: float) -> bool:
        """Asks again and again until it is so; False if the time is over before."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                return False
            self.pause(0.05)
        return True

    def rest(self, seconds: float) -> None:
        """A pause while stopping, when being asked once more is no news."""
        self._selector.select(seconds)
        self._drain()

    def _drain(self) -> None:
        try:
            while os.read(self._reader, 512):
                pass
        except BlockingIOError:
            pass

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number in STOPPING:
            self.asked += 1

    @contextmanager
    def listening(self) -> Iterator["Waiter"]:
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        self._selector.register(self._reader, selectors.EVENT_READ)
        before = {number: signal.signal(number, self._note) for number in (*STOPPING, signal.SIGCHLD)}
        old = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(old)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(self._reader)
            os.close(writer)

"""Keeps the demo's processes running, and ends all of them when it ends."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import processes
from .errors import CannotRun
from .processes import Child
from .progress import say, show
from .signals import Waiter

SECONDS_TO_STOP = 5.0  # for the portal's own processes: what they do in the background goes on at the next start
SECONDS_TO_STORE = 8.0  # for the database, which writes down what it holds; killed, it would do so at the next start
LONGEST_BACKOFF = 30.0
LIVED_LONG_ENOUGH = 60.0
TOO_OFTEN = 3


@dataclass
class Part:
    """One process to keep: how to start it, where its lines go, how it is asked to stop."""

    name: str
    start: Callable[[], Child]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    last_to_stop: bool = False


@dataclass
class _Kept:
    part: Part
    child: Child
    since: float
    deaths: int = 0
    again_at: float | None = field(default=None)


class Supervisor:
    """Use it as `with supervised() as supervisor`: leaving the block ends everything, whatever the reason."""

    def __init__(self, waiter: Waiter, clock: Callable[[], float] = time.monotonic) -> None:
        self.waiter = waiter
        self._clock = clock
        self._kept: list[_Kept] = []

    def keep(self, part: Part) -> Child:
        child = part.start()
        self._kept.append(_Kept(part, child, self._clock()))
        return child

    def step(self, name: str, command: Sequence[str | Path], env: Mapping[str, str], folder: Path, log: Path) -> None:
        """Runs something to its end and shows its lines as they come. CannotRun if it fails."""
        with processes.open_log(log) as file:
            child = processes.start(command, env=env, folder=folder, output=subprocess.PIPE)
            try:
                self._copy_lines(child, file.write)
            finally:
                processes.end({child: signal.SIGTERM}, self.waiter, SECONDS_TO_STOP)
        if child.returncode != 0:
            raise CannotRun(f"{name} failed (see above). The log: {log}")

    def _copy_lines(self, child: Child, write: Callable[[bytes], object]) -> None:
        assert child.stdout is not None
        source, rest = child.stdout.fileno(), b""
        os.set_blocking(source, False)
        while True:
            self.waiter.pause(60, listen=source)
            self.tend()
            try:
                chunk = os.read(source, 65536)
            except BlockingIOError:
                continue
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines if chunk else [rest] if rest else []:
                write(line + b"\n")
                if line.startswith(b'{"'):
                    continue  # a log entry: for tools
                show(f"         {line.decode(errors='replace').rstrip()}")
            if not chunk:
                child.wait()
                return

    def watch(self) -> None:
        """Restarts what dies. Ends only by StopAsked."""
        while True:
            self.tend()
            self.waiter.pause(self._until_next())

    def tend(self) -> None:
        """One round of watching, without a pause."""
        for kept in self._kept:
            self._look_after(kept)

    def _look_after(self, kept: _Kept) -> None:
        if kept.child.poll() is None:
            return
        if kept.again_at is None:
            self._note_death(kept)
        elif self._clock() >= kept.again_at:
            processes.signal_group(kept.child, signal.SIGKILL)  # what it started may still hold its port
            kept.child, kept.since, kept.again_at = kept.part.start(), self._clock(), None

    def _note_death(self, kept: _Kept) -> None:
        name, code = kept.part.name, kept.child.returncode
        kept.deaths = 1 if self._clock() - kept.since > LIVED_LONG_ENOUGH else kept.deaths + 1
        pause = min(LONGEST_BACKOFF, 2.0 ** (kept.deaths - 1))
        kept.again_at = self._clock() + pause
        if kept.deaths == TOO_OFTEN:
            say(f"The {name} keeps stopping. Its last lines:")
            for line in processes.last_lines(kept.part.log):
                show(f"         {name}: {line}")
            show(f"         It is started again each {LONGEST_BACKOFF:.0f} s. Its log: {kept.part.log}")
        elif kept.deaths < TOO_OFTEN:
            say(f"The {name} stopped ({_ended(code)}); starting it again")

    def _until_next(self) -> float:
        waits = [kept.again_at - self._clock() for kept in self._kept if kept.again_at is not None]
        return max(0.0, min([60.0, *waits]))

    def stop(self) -> None:
        """First what uses the database and the broker, then those two."""
        for last in (False, True):
            chosen = [kept for kept in self._kept if kept.part.last_to_stop == last]
            seconds = SECONDS_TO_STORE if last else SECONDS_TO_STOP
            processes.end({kept.child: kept.part.stop_signal for kept in chosen}, self.waiter, seconds)
        self._kept.clear()


def _ended(code: int) -> str:
    if code >= 0:
        return f"it ended with {code}"
    return f"signal {signal.Signals(-code).name}"


@contextmanager
def supervised() -> Iterator[Supervisor]:
    with Waiter().listening() as waiter:
        supervisor = Supervisor(waiter)
        try:
            yield supervisor
        finally:
            supervisor.stop()

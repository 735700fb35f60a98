"""Measuring things against each other on a machine that is never quiet: A B B A, and the median of the rounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Round:
    """So many requests in so many seconds, and how long each took (seconds)."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def interleaved[T](contenders: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Runs each contender once a round; every other round goes backwards, so that a drift hits both alike."""
    found: dict[str, list[T]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders) if number % 2 == 0 else reversed(list(contenders)):
            found[name].append(contenders[name]())
    return found


def rate(rounds: Sequence[Round]) -> float:
    """Requests a second: the median of the rounds."""
    return median(one.rate for one in rounds)


def ratio(these: Sequence[Round], those: Sequence[Round]) -> float:
    """How much faster these are than those: the median of the rounds' own ratios, as neighbours share their noise."""
    return median(this.rate / that.rate for this, that in zip(these, those, strict=True))


def percentile(rounds: Sequence[Round], share: float) -> float:
    """Over the requests of all rounds, in milliseconds."""
    ordered = sorted(latency for one in rounds for latency in one.latencies)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

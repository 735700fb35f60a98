"""What is going on, on standard error: the table alone goes to standard output."""

import sys


def say(words: str) -> None:
    print(f"bench: {words}", file=sys.stderr, flush=True)


class BenchFailed(Exception):
    """A measurement that could not be made; its words say why."""

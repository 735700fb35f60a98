"""Remembering what a pure function made, for the whole process.

For words and drawings: a date, a number with its unit, a range. A list shows the same ones again and again, and so does
every page after it. What is remembered follows from the arguments alone, and says of nobody whose it is: it is the same
in every hospital. Whatever else a function depends on (the language, the zone, the year) must be an argument.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import cast


def remembered[**P, R](most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keeps the last `most` answers. Arguments of different types are different, so 5, 5.0 and "5" never mix; a Decimal
    must come as text, since 5.40 equals 5.4."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept = functools.lru_cache(maxsize=most, typed=True)(function)  # noqa: TID251  # holds nothing of a hospital
        return cast("Callable[P, R]", kept)

    return decorate

"""Subcommands of `manage.py hospital`: connect an EHR, synchronise it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the log's lines below a warning out of what a person reads."""
    logger = logging.getLogger("portal.ehr")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)

"""The owner's rights: DDL, and what the record of reads refuses to everybody else. One process has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections


class NotTheOwner(RuntimeError):
    """This process logs in as somebody who owns nothing. Ask the provisioner (foundation.tasks.ask_provisioner)."""


class _Wrapper(Protocol):
    owner: bool

    def be_owner(self, owner: bool) -> None: ...


@contextmanager
def as_owner() -> Iterator[None]:
    """Within the block statements run with the owner's rights, wherever the connection stands.

    Raises NotTheOwner in a process that was not given DATABASE_ADMIN_URL.
    """
    if not settings.PORTICO_OWNS_DATABASE:
        raise NotTheOwner("Only a process that holds DATABASE_ADMIN_URL, such as the provisioner, may do this.")
    wrapper = cast(_Wrapper, connections[DEFAULT_DB_ALIAS])
    before = wrapper.owner
    wrapper.be_owner(True)
    try:
        yield
    finally:
        wrapper.be_owner(before)

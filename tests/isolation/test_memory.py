"""After traffic of both hospitals nothing of a record is left in the process: its modules are walked for canaries."""

from __future__ import annotations

import functools
import gc
import sys
from collections import deque
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from foundation.tasks import ticket
from portal.ehr.connectors.memory import MemoryEHR
from portal.records.tasks import remove_old
from tests.isolation.conftest import Twin, keys_of
from tests.isolation.routes import addresses, body

OURS = ("foundation", "portal", "tenants", "themes", "console", "config", "cms")
LIBRARIES = ("django", "guardian", "wagtail", "two_factor", "django_otp", "rest_framework", "celery", "structlog")
# Not part of what serves people: the tests, what runs them, and the mail box that stands for the world outside.
OUTSIDE = ("tests", "_pytest", "pytest", "django.core.mail", "django.test", "portal.ehr.connectors.memory")


# By their types: to ask a lazy object for its class would make it.
NOT_FOLLOWED = (FrameType, ModuleType, pytest.Item, pytest.Config)


def is_looked_at(name: str) -> bool:
    inside = name.split(".")[0] in {*OURS, *LIBRARIES}
    return inside and not any(name == one or name.startswith(f"{one}.") for one in OUTSIDE)


def reachable() -> Iterator[tuple[Any, str]]:
    """Every object that a module's global holds on to, however deep, with that global's name."""
    seen: set[int] = {id(sys.modules), id(gc.garbage)}
    waiting: deque[tuple[Any, str]] = deque()
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType):
            seen.add(id(module))
            seen.add(id(vars(module)))
            if is_looked_at(name):
                waiting += [(value, f"{name}.{key}") for key, value in list(vars(module).items())]
    while waiting:
        thing, where = waiting.popleft()
        if id(thing) in seen or issubclass(type(thing), NOT_FOLLOWED):
            continue
        seen.add(id(thing))
        yield thing, where
        if type(thing) not in {str, bytes, int, float}:
            waiting += [(inner, where) for inner in gc.get_referents(thing)]


def canaries(words: tuple[str, ...]) -> dict[str, str]:
    """By the global that holds it: the beginning of a text that gives a hospital away."""
    found: dict[str, str] = {}
    for thing, where in reachable():
        if issubclass(type(thing), bytes | bytearray):
            held = bytes(thing).decode("utf-8", "ignore")
        elif issubclass(type(thing), str):
            held = str(thing)
        else:
            continue
        if any(word in held for word in words):
            found.setdefault(where, held[:200])
    return found


@pytest.mark.security("S9")
def test_no_module_holds_on_to_a_record(twins: tuple[Twin, Twin], client_for: Callable[..., Client]) -> None:
    here, there = twins
    shown = 0
    for twin in (here, there):
        browser = client_for(twin.hospital, twin.user)
        keys = {label: key for label, key in keys_of(twin.hospital).items() if label.startswith("records.")}
        for address in addresses("config.urls", keys):
            if address != "/sign-out/":
                shown += twin.canary.encode() in body(browser.get(address))
        token = ticket(twin.hospital, remove_old.name, {})
        remove_old.task.apply(kwargs={"hospital": token, "arguments": {}}, throw=True)
    assert shown > 24
    words = (here.canary, there.canary)
    for twin in (here, there):
        MemoryEHR.forget(f"memory://twin-{twin.hospital.slug}")
    del browser, twin
    gc.collect()
    assert canaries(words) == {}
    for name in caches:
        assert "CANARY" not in str(vars(caches[name]).get("_cache", ""))


@pytest.mark.security("S9")
def test_the_walk_through_the_modules_sees_what_one_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.records import words
    from themes import queries

    @functools.lru_cache
    def drawn(text: str) -> str:
        return text.upper()

    drawn("of CANARY-KEPT")
    monkeypatch.setattr(words, "planted", drawn, raising=False)
    monkeypatch.setitem(queries._views, ("h_mercy", "x"), {"rendered": [b"CANARY-KEPT"]})
    found = canaries(("CANARY-KEPT",))
    assert {"portal.records.words.planted", "themes.queries._views"} <= set(found)

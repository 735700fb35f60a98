"""A pytest plugin over the whole run: whatever leaves the process is looked through for what must not leave it.

Log lines, mails, task arguments, redirects and links, titles, cache keys, audit events, pages of failures and the
output of commands are collected where they leave. A canary (`CANARY...`), somebody's full name, a test, a diagnosis or
a medicine of the demo's charts, or a number with its unit, fails the test in which it left (S55, S62 to S64).

A test that plants a leak collects it with `planted()`.
"""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import unquote

import pytest

UNITS = (
    "mg/dL", "g/dL", "mmol/L", "mEq/L", "U/L", "IU/L", "ng/mL", "pg/mL", "mL/min", "mmHg", "mm[Hg]", "ug/dL", "kg/m2",
    "bpm",
)  # fmt: skip
VALUE = re.compile(rf"\d(?:[\d.,]*)\s?(?:{'|'.join(re.escape(unit) for unit in UNITS)})(?![a-z])")
CANARY = re.compile(r"CANARY[-_A-Z0-9]*", re.I)
TITLE = re.compile(rb"<title>(.*?)</title>", re.S)
LINK = re.compile(rb'\s(?:href|src|action|formaction)="([^"]*)"')
SPOKEN = ("code", "medicationCodeableConcept", "vaccineCode")
LEAST = 6  # shorter names ("AST", "Iron") are words of other things as well


@dataclass(frozen=True)
class Leak:
    """One word that left by one channel, and the beginning of what it left in."""

    channel: str
    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.channel}: {self.word!r} in {self.text[:300]!r}"


class Egress:
    """What has left since the test began."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.leaks: list[Leak] = []
        self.seen: dict[str, int] = {}
        self.planted: list[Leak] | None = None

    def look(self, channel: str, text: str, *, echoed: str = "") -> None:
        """Looks through one text. `echoed` is what came in with the request: to send it back tells nobody anything."""
        with self.lock:
            self.seen[channel] = self.seen.get(channel, 0) + 1
        for word in words_in(text):
            if echoed and word.lower() in unquote(echoed).lower():
                continue
            leak = Leak(channel, word, text)
            with self.lock:
                (self.leaks if self.planted is None else self.planted).append(leak)

    def take(self) -> list[Leak]:
        with self.lock:
            leaks, self.leaks = self.leaks, []
        return leaks


egress = Egress()


@contextmanager
def planted() -> Iterator[list[Leak]]:
    """Leaks in this block are wanted: they are collected, and fail nothing."""
    found: list[Leak] = []
    egress.planted = found
    try:
        yield found
    finally:
        egress.planted = None


def words_in(text: str) -> list[str]:
    """The words in a text that may not leave the process."""
    found: list[str] = [] if "anary" not in text and "ANARY" not in text else CANARY.findall(text)
    found += VALUE.findall(text)
    return found + clinical_words().findall(text)


@cache
def clinical_words() -> re.Pattern[str]:
    """Names of people, tests, diagnoses and medicines of the demo's charts, which the tests are full of."""
    from config.demo.charts.bundles import patient_resources
    from config.demo.charts.days import Days
    from config.demo.charts.places import HOSPITALS, places_of
    from config.demo.charts.roster import ROSTERS

    words: set[str] = set()
    for slug, people in ROSTERS.items():
        words |= {f"{one.given} {one.family}" for one in people}
        places, _shared = places_of(HOSPITALS[slug])
        days = Days(date(2026, 3, 2), HOSPITALS[slug].time_zone)
        for number in range(1, min(len(people), 8) + 1):
            for resource in patient_resources(places, days, number, people[number - 1]):
                for key in SPOKEN:
                    words |= set(_texts(resource.get(key)))
    kept = sorted((word for word in words if len(word) >= LEAST), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in kept)})(?!\w)")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in {"text", "display"} and isinstance(one, str):
                yield one
            else:
                yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


# Where things leave. Each tap calls what was there before; a test that puts something else there sees its own.


def _after(owner: Any, name: str, tap: Callable[..., None]) -> None:
    """`tap(result, *arguments)` runs after the function."""
    original = getattr(owner, name)

    def tapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        tap(result, *args, **kwargs)
        return result

    tapped.__name__, tapped.__wrapped__ = name, original  # type: ignore[attr-defined]
    setattr(owner, name, tapped)


def _before(owner: Any, name: str, tap: Callable[..., None]) -> None:
    """`tap(*arguments)` runs before the function: what it sends has left even where sending fails."""
    original = getattr(owner, name)

    def tapped(*args: Any, **kwargs: Any) -> Any:
        tap(*args, **kwargs)
        return original(*args, **kwargs)

    tapped.__name__, tapped.__wrapped__ = name, original  # type: ignore[attr-defined]
    setattr(owner, name, tapped)


def install() -> None:
    import logging

    import structlog
    from celery import Celery
    from celery.app.task import Task
    from django.core.handlers.base import BaseHandler
    from django.core.mail import EmailMessage
    from django.core.management.base import OutputWrapper

    from foundation.audit import trail
    from foundation.tenancy import caches

    _after(structlog.stdlib.ProcessorFormatter, "format", lambda line, *_a, **_k: egress.look("log", str(line)))
    _after(logging.Formatter, "format", _other_formatter)
    _after(EmailMessage, "message", lambda message, mail, *_a, **_k: _mail(mail))
    _before(Task, "apply_async", lambda task, args=None, kwargs=None, *_a, **_k: _task(task.name, args, kwargs))
    _before(Celery, "send_task", lambda _app, name, args=None, kwargs=None, *_a, **_k: _task(name, args, kwargs))
    _after(BaseHandler, "get_response", lambda response, _handler, request: _answer(request, response))
    _after(caches, "make_key", lambda key, *_a, **_k: egress.look("cache key", key))
    _before(trail, "write", lambda events, *_a, **_k: _events(events))
    _before(OutputWrapper, "write", lambda _out, text="", *_a, **_k: egress.look("output", str(text)))


def _other_formatter(line: str, formatter: Any, entry: Any) -> None:
    """A handler with a formatter of its own would write a library's words. pytest's own handlers leave nothing."""
    import structlog

    if isinstance(formatter, structlog.stdlib.ProcessorFormatter) or "pytest" in type(formatter).__module__:
        return
    egress.look("log", line)


def _mail(mail: Any) -> None:
    """Subject, both bodies, headers. A first name may stand there, so tests give canaries as family names."""
    egress.look("mail", f"{mail.subject}\n{mail.body}\n{mail.extra_headers}\n{mail.from_email}")
    for alternative in getattr(mail, "alternatives", []):
        egress.look("mail", html.unescape(str(alternative[0])))
    for name, *_rest in (a for a in mail.attachments if isinstance(a, tuple)):
        egress.look("mail", str(name))


def _task(name: str, args: Any, kwargs: Any) -> None:
    egress.look("task", json.dumps([name, args, kwargs], default=str, ensure_ascii=False))


def _answer(request: Any, response: Any) -> None:
    asked = request.get_full_path()
    echoed = asked + str(getattr(request, "_post", "") or "")
    if "Location" in response.headers:
        egress.look("address", unquote(response.headers["Location"]), echoed=echoed)
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return
    content: bytes = response.content
    for title in TITLE.findall(content):
        egress.look("title", html.unescape(title.decode()), echoed=echoed)
    for link in set(LINK.findall(content)):
        egress.look("address", unquote(html.unescape(link.decode())), echoed=echoed)
    if response.status_code >= 500:
        egress.look("error page", html.unescape(content.decode()), echoed=echoed)


def _events(events: Iterable[Any]) -> None:
    for event in events:
        egress.look("audit event", f"{event.kind} {event.target} {event.reason}")


def pytest_sessionstart() -> None:
    install()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    egress.take()
    result = yield
    fail_on_leaks()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    result = yield
    fail_on_leaks()
    return result


def fail_on_leaks() -> None:
    if leaks := egress.take():
        said = "\n".join(dict.fromkeys(str(leak) for leak in leaks[:50]))
        pytest.fail(f"What must not leave the process left it:\n{said}", pytrace=False)

"""Every route of the portal as addresses that can be asked for. A route that cannot be walked fails whoever walks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from foundation.permissions import walk

# What a route's argument may be where it is no UUID. A new kind of argument has to be added here: the walk fails.
SAMPLES: dict[str, tuple[Any, ...]] = {
    "token": ("abc", "x" * 43),
    "name": ("0" * 12, "conditions"),
    "place": (0, 1),
    "key": ("nothing",),
    "size": (192,),
    "kind": ("conditions", "medications", "allergies", "immunizations", "procedures", "documents", "vitals"),
    "section": ("conditions", "medications", "allergies", "immunizations", "procedures"),
    "code": ("8867-4", "4548-4"),
    "slug": ("blood-pressure", "weight"),
    "number": (0, 1),
    "part": (0, 1),
    "index": (0, 1),
}
CHANGING = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|[0-9a-f]{32}|<time[^>]*>[^<]*</time>|\d{1,2}:\d{2}(:\d{2})?'
)


def routes(urlconf: str) -> list[tuple[str, dict[str, Any]]]:
    """Every named route as (view name, converters by argument)."""
    found: list[tuple[str, dict[str, Any]]] = []

    def down(resolver: Any, namespace: str) -> None:
        for name in resolver.reverse_dict:
            if isinstance(name, str):
                for (_pattern, arguments), *_rest, converters in _possibilities(resolver, name):
                    found.append((f"{namespace}{name}", {a: converters.get(a) for a in arguments}))
        for inner, (_prefix, below) in resolver.namespace_dict.items():
            down(below, f"{namespace}{inner}:")

    down(get_resolver(urlconf), "")
    return found


def patterns(urlconf: str) -> list[URLPattern]:
    """Every pattern, named or not: what the walk is measured against."""
    return list(walk(get_resolver(urlconf).url_patterns))


def _possibilities(resolver: Any, name: str) -> Iterator[tuple[tuple[str, list[str]], Any, Any, dict[str, Any]]]:
    for possibility, pattern, defaults, converters in resolver.reverse_dict.getlist(name):
        for result, params in possibility:
            yield (result, params), pattern, defaults, converters


def addresses(urlconf: str, keys: dict[str, Any]) -> list[str]:
    """Addresses that walk every route, with every key of the hospital where a route takes one."""
    out: list[str] = []
    for name, arguments in routes(urlconf):
        choices: list[dict[str, Any]] = [{}]
        for argument, converter in arguments.items():
            if type(converter).__name__ == "UUIDConverter":
                values: tuple[Any, ...] = (*keys.values(), uuid4())
            elif argument in SAMPLES:
                values = SAMPLES[argument]
            else:
                pytest.fail(f"The walk does not know what {argument!r} of {name} may be: add it to SAMPLES.")
            choices = [{**c, argument: v} for c in choices for v in values]
        for choice in choices:
            try:
                out.append(reverse(name, urlconf=urlconf, kwargs=choice))
            except NoReverseMatch:
                continue
    return sorted(set(out))


def still(content: bytes) -> bytes:
    """A page without what differs between any two requests."""
    return CHANGING.sub(b"", content)


def body(answer: Any) -> bytes:
    """The whole answer, a stream's to its end: it keeps its hospital until then."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def ask(browser: Client, method: str, address: str, **more: Any) -> Any:
    """One request of any method."""
    known = getattr(browser, method.lower(), None) if method in {"GET", "HEAD", "POST"} else None
    return known(address, **more) if known else browser.generic(method, address, **more)

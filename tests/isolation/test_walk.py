"""Every route of the portal, walked with the other hospital's cookies and with ids that both hospitals have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from tests.isolation.conftest import Twin, keys_of

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
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.security("S1")
def test_alike_ids_open_only_ones_own_hospital(twins: tuple[Twin, Twin], client_for: Callable[..., Client]) -> None:
    here, there = twins
    keys = keys_of(here.hospital)
    assert keys == keys_of(there.hospital)
    shown = 0
    for mine, other in ((here, there), (there, here)):
        browser = client_for(mine.hospital, mine.user)
        for address in addresses("config.urls", keys):
            if "sign-out" in address:
                continue
            answer = browser.get(address)
            assert answer.status_code < 500, address
            content = body(answer)
            assert other.canary.encode() not in content, address
            shown += mine.canary.encode() in content
    assert shown > 12, "The walk saw hardly any page with data: it proves nothing."


@pytest.mark.security("S1")
@pytest.mark.security("S2")
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_other_hospitals_cookies_are_a_strangers(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client], method: str
) -> None:
    here, there = twins
    keys = keys_of(there.hospital)
    for address in addresses("config.urls", keys):
        eve = client_for(there.hospital, there.user)
        eve.defaults["SERVER_NAME"] = here.hospital.host
        nobody = client_for(here.hospital)
        hers, strangers = getattr(eve, method)(address), getattr(nobody, method)(address)
        assert hers.status_code == strangers.status_code, address
        assert hers.headers.get("Location") == strangers.headers.get("Location"), address
        content = body(hers)
        assert still(content) == still(body(strangers)), address
        assert here.canary.encode() not in content, address
        assert there.canary.encode() not in content, address


@pytest.mark.security("S1")
def test_a_strangers_walk_sees_no_data(twins: tuple[Twin, Twin], client_for: Callable[..., Client]) -> None:
    here, _there = twins
    nobody = client_for(here.hospital)
    for address in addresses("config.urls", keys_of(here.hospital)):
        answer = nobody.get(address)
        assert answer.status_code < 500, address
        assert b"CANARY" not in body(answer), address


@pytest.mark.security("S1")
def test_the_vendors_host_shows_no_hospitals_data(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client], person: Callable[..., Any]
) -> None:
    victor = person(None, "victor", role="operator")
    for browser in (client_for(None), client_for(None, victor)):
        for address in addresses("config.public_urls", keys_of(twins[0].hospital)):
            if "sign-out" in address:
                continue
            answer = browser.get(address)
            assert answer.status_code < 500, address
            assert b"CANARY" not in body(answer), address


@pytest.mark.security("S16")
def test_absent_and_forbidden_look_the_same(
    twins: tuple[Twin, Twin], client_for: Callable[..., Client], person: Callable[..., Any]
) -> None:
    """Somebody of the same hospital without a grant, and an id that is nowhere: the same bytes."""
    here, _there = twins
    ben = person(here.hospital, "ben")
    browser = client_for(here.hospital, ben)
    keys = keys_of(here.hospital)
    absent = {label: uuid4() for label in keys}
    for real, unreal in zip(_with_ids(keys), _with_ids(absent), strict=True):
        theirs, nothing = browser.get(real), browser.get(unreal)
        assert theirs.status_code == nothing.status_code, real
        assert still(body(theirs)).replace(b"/", b"") == still(body(nothing)).replace(b"/", b"") or (
            theirs.status_code in {302, 403}
        ), real


def _with_ids(keys: dict[str, Any]) -> list[str]:
    found = []
    for name, arguments in routes("config.urls"):
        if len(arguments) == 1 and all(type(c).__name__ == "UUIDConverter" for c in arguments.values()):
            for label in sorted(keys):
                found.append(reverse(name, urlconf="config.urls", kwargs={next(iter(arguments)): keys[label]}))
    return found

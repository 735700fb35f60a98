"""Every route of the portal, walked with the other hospital's cookies and with ids that both hospitals have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.isolation.conftest import Twin, keys_of
from tests.isolation.routes import addresses, body, routes, still


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
    return [address for label in sorted(keys) for address in one_id_routes(keys[label])]


def one_id_routes(key: Any) -> list[str]:
    """Every route that takes one id, with this one."""
    found = []
    for name, arguments in routes("config.urls"):
        if len(arguments) == 1 and all(type(c).__name__ == "UUIDConverter" for c in arguments.values()):
            found.append(reverse(name, urlconf="config.urls", kwargs={next(iter(arguments)): key}))
    return found

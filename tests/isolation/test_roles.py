"""Every route, by every method, as every kind of person of one hospital: nothing of the other is shown or changed.

The two hospitals hold the same rows under the same keys (conftest), so a request that reached the wrong schema would
get data, and not a page that says "not found".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from foundation.permissions import access_of
from foundation.tenancy import inside
from portal.accounts.models import Role, User
from portal.accounts.models.people import VENDOR_ROLES
from tests.isolation.conftest import Twin, keys_of
from tests.isolation.contents import contents, differences
from tests.isolation.routes import addresses, ask, body, patterns, routes

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
URLCONFS = ("config.urls", "config.public_urls")
# Ends the session with which the walk goes on.
LAST = ("/sign-out/",)
ROLES = [*Role.values, "all of them", "half signed in", "nobody"]
OFFICERS = frozenset({"privacy_officer", "all of them"})
WRITTEN_TO = {"admin": ("/data-requests/",)} | dict.fromkeys(OFFICERS, ("/data-requests/", "/privacy/questions/"))


def rest(content: bytes, address: str, twin: Twin, kind: str) -> bytes:
    """A page without what those who answer patients may see: what these wrote, and to officers, whose record it is."""
    if address.startswith(WRITTEN_TO.get(kind, ("nowhere",))):
        return b""
    if kind not in OFFICERS:
        return content
    for name in (twin.patient.name, twin.patient.given_name):
        content = content.replace(name.encode(), b"")
    return content


def browser_of(kind: str, twin: Twin, client_for: Browsers, person: People) -> Callable[[], Client]:
    """Makes browsers of this kind of person at the twin's hospital. The vendor's roles are worth nothing there."""
    if kind == "nobody":
        return lambda: client_for(twin.hospital)
    if kind == "half signed in":
        return lambda: client_for(twin.hospital, twin.user, verified=False)
    if kind == "patient":
        return lambda: client_for(twin.hospital, twin.user)
    roles = [role for role in Role.values if role not in VENDOR_ROLES] if kind == "all of them" else [kind]
    user = person(twin.hospital, f"walks-{kind.replace(' ', '-')}", role="clinician")
    with inside(twin.hospital):
        User.objects.filter(pk=user.pk).update(roles=roles)
        user.refresh_from_db()
    return lambda: client_for(twin.hospital, user)


@pytest.mark.security("S1")
@pytest.mark.security("S22")
@pytest.mark.parametrize("kind", ROLES)
def test_no_role_reaches_the_other_hospital_by_any_method(
    twins: tuple[Twin, Twin], client_for: Browsers, person: People, kind: str
) -> None:
    here, there = twins
    new = browser_of(kind, here, client_for, person)
    keys = keys_of(there.hospital)
    every, few = addresses("config.urls", keys), addresses("config.urls", dict(list(keys.items())[:2]))
    before, own = contents(there.hospital), 0
    for method in METHODS:
        browser = new()
        for address in every if method in {"GET", "POST"} else few:
            if address in LAST:
                continue
            answer = ask(browser, method, address)
            assert answer.status_code < 500, (method, address)
            content, said = body(answer), str(answer.headers)
            for word in (there.canary, there.hospital.name):
                assert word.encode() not in content, (method, address)
                assert word not in said, (method, address)
            own += here.canary.encode() in rest(content, address, here, kind)
    assert differences(before, contents(there.hospital)) == []
    assert own > 12 or kind not in {"patient"}, "The walk saw hardly any page with data: it proves nothing."
    if kind != "patient":
        assert own == 0, "Somebody without a grant was shown the record."


@pytest.mark.security("S1")
@pytest.mark.security("S15")
def test_the_vendors_people_reach_no_hospital_by_any_method(
    twins: tuple[Twin, Twin], client_for: Browsers, person: People
) -> None:
    here, there = twins
    victor = person(None, "victor", role="operator")
    before = contents(here.hospital), contents(there.hospital)
    seen = 0
    for method in METHODS:
        browser = client_for(None, victor)
        for urlconf in URLCONFS:  # a hospital's addresses at the vendor's host as well
            for address in addresses(urlconf, keys_of(here.hospital)):
                if address in LAST:
                    continue
                answer = ask(browser, method, address)
                assert answer.status_code < 500, (method, address)
                assert b"CANARY" not in body(answer), (method, address)
                seen += answer.status_code == 200
    assert seen > 5
    assert differences(before[0], contents(here.hospital)) == []
    assert differences(before[1], contents(there.hospital)) == []


@pytest.mark.security("S15")
def test_the_vendors_cookie_is_a_strangers_at_a_hospital(
    twins: tuple[Twin, Twin], client_for: Browsers, person: People
) -> None:
    here, _there = twins
    victor = person(None, "victor", role="operator")
    for address in addresses("config.urls", keys_of(here.hospital)):
        browser = client_for(None, victor)
        browser.defaults["SERVER_NAME"] = here.hospital.host
        answer, strangers = browser.get(address), client_for(here.hospital).get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (
            strangers.status_code, strangers.headers.get("Location"),
        ), address  # fmt: skip
        assert b"CANARY" not in body(answer), address


def is_of_rest_framework(pattern: URLPattern) -> bool:
    from rest_framework.views import APIView

    made_of = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
    return isinstance(made_of, type) and issubclass(made_of, APIView)


@pytest.mark.security("S1")
@pytest.mark.parametrize("urlconf", URLCONFS)
def test_every_route_has_a_name_by_which_the_walk_finds_it(urlconf: str) -> None:
    """A pattern without a name, or with arguments that no sample fits, would be walked by nobody."""
    nameless = [str(p.pattern) for p in patterns(urlconf) if not p.name]
    assert nameless == [], "give it a name: the walk goes by names"
    walked = {name.rsplit(":", 1)[-1] for name, _arguments in routes(urlconf)}
    assert {str(p.name) for p in patterns(urlconf)} == walked
    keys = {"any": "00000000-0000-7000-8000-000000000001"}
    reached = addresses(urlconf, keys)
    shapes = {re.sub(r"\W", "", str(p.pattern)): p for p in patterns(urlconf)}
    for pattern in shapes.values():
        assert any(pattern.pattern.regex.search(a.lstrip("/")) or _ends(pattern, a) for a in reached), pattern.pattern
        assert access_of(pattern.callback) is not None, pattern.pattern


def _ends(pattern: URLPattern, address: str) -> bool:
    """Whether some tail of the address fits a pattern that stands below another one."""
    parts = address.lstrip("/").split("/")
    return any(pattern.pattern.match("/".join(parts[start:])) for start in range(len(parts)))


@pytest.mark.security("S1")
def test_an_api_would_not_come_unwalked() -> None:
    """Today there is none. Whoever adds one walks its OpenAPI paths here, and then changes this test."""
    found = [str(p.pattern) for urlconf in URLCONFS for p in patterns(urlconf) if is_of_rest_framework(p)]
    assert found == []
    words = re.compile(r"api|schema|graphql|fhir|openapi|swagger", re.I)
    assert [str(p.pattern) for urlconf in URLCONFS for p in patterns(urlconf) if words.search(str(p.pattern))] == []

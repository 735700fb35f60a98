"""What a browser may keep of a page behind sign-in: nothing. Every such route, by every role, whatever its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import resolve

from foundation.permissions import access_of
from foundation.tenancy import HospitalRecord
from portal.accounts.models import Role
from portal.accounts.models.people import VENDOR_ROLES
from tests.isolation.conftest import Twin, keys_of
from tests.isolation.routes import addresses, ask, body
from tests.isolation.test_roles import URLCONFS

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
ROOT = Path(__file__).parents[2]


def needs_somebody(address: str, urlconf: str) -> bool:
    access = access_of(resolve(address, urlconf).func)
    return access is None or access.kind != "all"


@pytest.mark.security("S62")
@pytest.mark.parametrize("kind", [*Role.values, "half signed in", "nobody"])
def test_every_answer_behind_sign_in_says_that_nobody_may_keep_it(
    twins: tuple[Twin, Twin], client_for: Browsers, person: People, kind: str
) -> None:
    here, _there = twins
    urlconf = "config.urls"
    hospital: HospitalRecord | None = here.hospital
    if kind in VENDOR_ROLES:
        urlconf, hospital = "config.public_urls", None
        user = person(None, "victor", role=kind)
    else:
        user = (
            here.user if kind in {"patient", "half signed in", "nobody"} else person(hospital, f"a-{kind}", role=kind)
        )
    browser = client_for(hospital, None if kind == "nobody" else user, verified=kind != "half signed in")
    assert urlconf in URLCONFS
    looked = 0
    for address in addresses(urlconf, dict(list(keys_of(here.hospital).items())[:1])):
        if address == "/sign-out/" or not needs_somebody(address, urlconf):
            continue
        for method in ("GET", "POST"):
            answer = ask(browser, method, address)
            assert re.search(r"\bno-store\b", answer.headers["Cache-Control"]), (method, address)
            assert "public" not in answer.headers["Cache-Control"], (method, address)
            body(answer)
            looked += 1
    assert looked > 5


@pytest.mark.security("S62")
def test_signing_out_tells_the_browser_to_forget(twins: tuple[Twin, Twin], client_for: Browsers) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    answer = browser.post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert browser.get("/records/").status_code == 302


@pytest.mark.security("S62")
def test_no_script_keeps_anything_in_the_browser() -> None:
    """No service worker, no storage, no cache of our own: a policy names no worker, and no script of ours asks."""
    words = re.compile(
        r"serviceWorker|localStorage|sessionStorage|indexedDB|caches\.open|document\.cookie|BroadcastChannel"
    )
    scripts = [f for folder in ("themes/static", "static", "platform") for f in (ROOT / folder).rglob("*.js")]
    ours = [f for f in scripts if "build" not in f.parts and "node_modules" not in f.parts]
    assert ours
    assert [str(f) for f in ours if words.search(f.read_text())] == []
    assert "worker-src" not in django_settings.SECURE_CSP, "default-src 'none' forbids workers"

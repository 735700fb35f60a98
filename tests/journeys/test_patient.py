"""What a patient does at the portal, in a browser, with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import Open, Portal
from tests.journeys.walking import reachable, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What a browser may keep for a site besides its cookies.
KEPT = """async () => ({
    storage: localStorage.length + sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: window.caches ? (await caches.keys()).length : 0,
    workers: navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
    cookies: document.cookie,
})"""
KEPT_NOTHING = {"storage": 0, "databases": 0, "caches": 0, "workers": 0, "cookies": ""}
RICH = {"mercy": "alice", "riverside": "eve"}


def violations(page: Any) -> list[str]:
    """What axe finds wrong, in one line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes'][:3]]}" for v in found]


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than the window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def test_a_patient_signs_in_and_reads_a_result(portal: Portal, open_page: Open) -> None:
    page = open_page()
    sign_in(page, portal, "mercy", RICH["mercy"])
    assert page.locator("h1").count() == 1
    assert violations(page) == []
    page.goto(portal.url("mercy", "/results/"))
    assert violations(page) == []
    row = page.locator("main li, main tr").filter(has=page.locator("data[value]")).first
    row.locator("a[href^='/results/']").first.click()
    assert re.search(r"/results/[0-9a-f-]{36}/", page.url)
    assert page.locator("main data[value]").count() >= 1
    assert page.locator("main time[datetime]").count() >= 1
    assert violations(page) == []


def test_everything_works_without_javascript(portal: Portal, open_page: Open) -> None:
    page = open_page(scripts=False)
    sign_in(page, portal, "mercy", RICH["mercy"], typing=True)
    paths = []
    for path in ("/", "/results/", "/records/", "/visits/", "/account/"):
        answer = page.goto(portal.url("mercy", path))
        assert answer is not None
        assert answer.status == 200
        assert page.locator("h1").inner_text()
        paths.append(page.url)
    page.goto(portal.url("mercy", "/sign-out/"))
    page.locator("main form button[type=submit]").first.click()
    page.goto(portal.url("mercy", "/results/"))
    assert "/sign-in/" in page.url


@pytest.mark.security("S62")
def test_after_signing_out_the_back_button_shows_nothing(portal: Portal, open_page: Open) -> None:
    page = open_page()
    sign_in(page, portal, "riverside", RICH["riverside"], typing=True)
    page.goto(portal.url("riverside", "/records/"))
    page.goto(portal.url("riverside", "/results/"))
    assert page.locator("main data[value]").count() > 0
    assert page.evaluate(KEPT) == KEPT_NOTHING
    page.goto(portal.url("riverside", "/sign-out/"))
    page.locator("main form button[type=submit]").first.click()
    for _ in range(3):
        page.go_back()
        assert page.locator("main data[value]").count() == 0
        assert page.locator("main a[href^='/results/']").count() == 0
    assert page.evaluate(KEPT) == KEPT_NOTHING


def test_no_page_is_wider_than_a_narrow_phone(portal: Portal, open_page: Open) -> None:
    page = open_page(width=320)
    sign_in(page, portal, "mercy", RICH["mercy"])
    paths = reachable(page, portal, "mercy")
    assert len(paths) > 15
    wide = []
    for path in paths:
        page.goto(portal.url("mercy", path))
        if overflow(page) > 0:
            wide.append((path, overflow(page)))
    assert not wide


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["mercy", "riverside"])
def test_axe_finds_nothing_on_any_page(portal: Portal, open_page: Open, slug: str) -> None:
    """Every page that links lead to, light and dark, phone and desktop: 0 violations, nothing wider than the window."""
    finder = open_page()
    sign_in(finder, portal, slug, RICH[slug])
    paths = [*reachable(finder, portal, slug), "/gallery/", "/nothing-here/"]
    state = finder.context.storage_state()
    wrong: list[str] = []
    for dark in (False, True):
        for width in (390, 1280):
            page = open_page(width=width, dark=dark, storage_state=state)
            for path in paths:
                page.goto(portal.url(slug, path))
                where = f"{path} {width} {'dark' if dark else 'light'}"
                wrong += [f"{where}: {v}" for v in violations(page)]
                if overflow(page) > 0:
                    wrong.append(f"{where}: {overflow(page)} px too wide")
            page.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["mercy", "riverside"])
def test_axe_finds_nothing_before_sign_in(portal: Portal, open_page: Open, slug: str) -> None:
    wrong: list[str] = []
    for dark in (False, True):
        for width in (320, 390, 1280):
            page = open_page(width=width, dark=dark)
            for path in reachable(page, portal, slug, "/sign-in/"):
                page.goto(portal.url(slug, path))
                wrong += [f"{path} {width}: {v}" for v in violations(page)]
                if overflow(page) > 0:
                    wrong.append(f"{path} {width}: {overflow(page)} px too wide")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["es", "ar"])
def test_other_languages_hold_the_same(portal: Portal, open_page: Open, locale: str) -> None:
    page = open_page(locale=locale)
    sign_in(page, portal, "mercy", RICH["mercy"])
    page.context.add_cookies([{"name": "portico_language", "value": locale, "url": portal.url("mercy")}])
    wrong = []
    for path in reachable(page, portal, "mercy"):
        page.goto(portal.url("mercy", path))
        wrong += [f"{path}: {v}" for v in violations(page)]
        if overflow(page) > 0:
            wrong.append(f"{path}: {overflow(page)} px too wide")
    assert not wrong, "\n".join(wrong)

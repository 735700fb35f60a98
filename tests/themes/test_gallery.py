"""The gallery in a browser: no violation of axe's rules, no message of the browser's, no sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from themes.actions import set_brand
from themes.samples import SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Served:
    """A page at a hospital's host, answered by Django's test client: no server, the test's own transaction."""

    def __init__(self, context: BrowserContext, client: Client, host: str) -> None:
        self.client, self.host, self.said = client, host, list[str]()
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        path = route.request.url.split(self.host, 1)[1]
        static = path.startswith(settings.STATIC_URL)
        file = find(path.removeprefix(settings.STATIC_URL).split("?")[0]) if static else None
        if isinstance(file, str):
            route.fulfill(path=file)
            return
        answer = self.client.get(path)
        headers = {name: value for name, value in answer.items() if name.lower() != "content-length"}
        route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    def open(self, path: str) -> Page:
        self.page.goto(f"http://{self.host}{path}")
        return self.page


@pytest.fixture
def served(
    browser: Browser, client_for: Callable[..., Client], mercy: HospitalRecord, riverside: HospitalRecord
) -> Iterator[Callable[..., Served]]:
    made: list[BrowserContext] = []
    for hospital in (mercy, riverside):
        with inside(hospital):
            set_brand(by=Actor.command("tests"), **SAMPLES[hospital.slug])

    def make(slug: str, width: int, **options: Any) -> Served:
        hospital = {"mercy": mercy, "riverside": riverside}[slug]
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **options)
        made.append(context)
        return Served(context, client_for(hospital), hospital.host)

    yield make
    for context in made:
        context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("slug", ["mercy", "riverside"])
def test_the_gallery_has_no_violation(served: Callable[..., Served], slug: str, scheme: str, width: int) -> None:
    here = served(slug, width, color_scheme=scheme)
    page = here.open("/gallery/")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert here.said == []
    assert page.locator(".big-value").first.evaluate("e => getComputedStyle(e).fontFamily").startswith('"Noto Sans"')


@pytest.mark.parametrize(("width", "zoom"), [(320, 1), (1280, 4)])
def test_the_gallery_never_scrolls_sideways(served: Callable[..., Served], width: int, zoom: int) -> None:
    page = served("mercy", width // zoom).open("/gallery/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width // zoom


def test_the_gallery_is_mirrored_in_arabic(served: Callable[..., Served]) -> None:
    here = served("riverside", 390)
    here.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    page = here.open("/gallery/")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_every_target_is_large_enough_and_every_focus_is_seen(served: Callable[..., Served]) -> None:
    page = served("mercy", 390).open("/gallery/")
    small = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
        .filter(e => e.offsetParent && !e.closest('p, .unseen, h3, h4') && !e.classList.contains('skip'))
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, r]) => r.width && (r.height < 24 || r.width < 24)).map(([html]) => html)"""
    )
    assert small == []
    for _step in range(12):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e), a = getComputedStyle(e, '::after');
            return [s.outlineColor, a.outlineColor, s.outlineStyle, a.outlineStyle] }"""
        )
        assert "rgb(255, 221, 0)" in ring[:2]
        assert "solid" in ring[2:]

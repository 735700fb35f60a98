"""Signing in as a person does, and finding every page that a person can reach."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.journeys.conftest import Portal

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
NOT_WALKED = re.compile(r"/(sign-out|static|theme|brand|language|link)/|\.(ics|pdf|svg|png)$|/download|/content|/file")
PER_SHAPE = 2


COOKIE = "portico_session"


def sign_in(page: Page, portal: Portal, slug: str, username: str, *, typing: bool = False) -> None:
    """Password, then the code: what the reader types. Later tests take the session up, unless they need their own."""
    person = portal.person(slug, username)
    kept = portal.sessions.get(f"{slug}/{username}")
    if kept and not typing:
        page.context.add_cookies([{"name": COOKIE, "value": kept, "url": portal.url(slug)}])
        page.goto(portal.url(slug))
        return
    page.goto(portal.url(slug, "/sign-in/"))
    page.get_by_label(re.compile("email|username", re.I)).first.fill(person["username"])
    page.locator("input[type=password]").fill(person["password"])
    page.locator("main form button[type=submit]").last.click()
    page.locator("input[autocomplete=one-time-code]").fill(portal.code(slug, person))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/$|/staff/|/hospitals/"))
    if not typing:
        cookies = page.context.cookies(portal.url(slug))
        portal.sessions[f"{slug}/{username}"] = next(c["value"] for c in cookies if c["name"] == COOKIE)


def shape(path: str) -> str:
    return ID.sub("*", path.partition("?")[0])


def reachable(page: Page, portal: Portal, slug: str, start: str = "/") -> list[str]:
    """Addresses of pages that links lead to from `start`, two of each shape."""
    seen: dict[str, int] = {}
    found: list[str] = []
    waiting = deque([start])
    queued = {start}
    while waiting:
        path = waiting.popleft()
        if seen.get(shape(path), 0) >= PER_SHAPE:
            continue
        answer = page.goto(portal.url(slug, path))
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        seen[shape(path)] = seen.get(shape(path), 0) + 1
        found.append(path)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)"):
            parts = urlsplit(link)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc == urlsplit(page.url).netloc and target not in queued and not NOT_WALKED.search(target):
                queued.add(target)
                waiting.append(target)
    return found

"""Somebody takes a copy of everything and asks to leave; the hospital looks at it. In a browser, without JavaScript."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Open, Portal, select_nothing
from tests.journeys.test_patient import overflow, violations
from tests.journeys.walking import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TRIES = 100


def until_ready(page: Page) -> None:
    """The page asks again by itself; here it is asked a little sooner."""
    for _try in range(TRIES):
        if "ready" in page.locator("h1").inner_text() and not page.locator("progress").count():
            return
        select_nothing(0.5)
        page.reload()
    pytest.fail(page.locator("main").inner_text())


@pytest.mark.security("S65")
def test_a_patient_takes_everything_along_without_javascript(portal: Portal, open_page: Open, tmp_path: Path) -> None:
    page = open_page(scripts=False)
    sign_in(page, portal, "mercy", "alice", typing=True)
    page.goto(portal.url("mercy", "/account/"))
    page.get_by_role("link", name="My data").click()
    page.get_by_role("button", name=re.compile("Make (my|a new) copy")).click()
    until_ready(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download the copy").click()
    kept = tmp_path / "copy.zip"
    coming.value.save_as(kept)
    copy = zipfile.ZipFile(kept)
    assert copy.testzip() is None
    assert {"index.html", "who-looked.html", "fhir/Patient.ndjson", "data/records_result.json"} <= set(copy.namelist())
    page.reload()
    assert "You have downloaded this copy" in page.locator("h1").inner_text()
    copy.extractall(tmp_path / "copy")
    reader = open_page()
    reader.goto((tmp_path / "copy" / "index.html").as_uri())
    assert violations(reader) == []
    assert overflow(reader) <= 0
    reader.goto((tmp_path / "copy" / "who-looked.html").as_uri())
    assert violations(reader) == []


@pytest.mark.parametrize(("slug", "username", "staff"), [("mercy", "alice", "ada"), ("riverside", "omar", "luis")])
def test_the_pages_hold_in_every_light_width_and_direction(
    portal: Portal, open_page: Open, slug: str, username: str, staff: str
) -> None:
    """Alice and Ada read English, Omar Arabic, Luis Spanish."""
    patient = open_page(scripts=False)
    sign_in(patient, portal, slug, username)
    patient.goto(portal.url(slug, "/my-data/erase/"))
    patient.locator("button.danger").click()
    assert "/requests/" in patient.url
    asked = patient.url.rstrip("/").rsplit("/", 1)[-1]
    pages = ["/my-data/", "/my-data/correct/", "/my-data/erase/", f"/my-data/requests/{asked}/"]
    desk = open_page(scripts=False)
    sign_in(desk, portal, slug, staff)
    desks = ["/data-requests/", f"/data-requests/{asked}/", f"/data-requests/{asked}/erasure/"]
    wrong = [*flaws(open_page, patient, portal, slug, pages), *flaws(open_page, desk, portal, slug, desks)]
    patient.goto(portal.url(slug, f"/my-data/requests/{asked}/"))
    patient.locator("main form button").click()
    assert not wrong, "\n".join(wrong)


def flaws(open_page: Open, signed_in: Page, portal: Portal, slug: str, paths: list[str]) -> Iterator[str]:
    """What axe finds, what does not open, and what is wider than the window."""
    state = signed_in.context.storage_state()
    for dark in (False, True):
        for width in (390, 1280):
            page = open_page(width=width, dark=dark, storage_state=state)
            for path in paths:
                answer = page.goto(portal.url(slug, path))
                assert answer is not None
                where = f"{path} {width} {'dark' if dark else 'light'}"
                if answer.status != 200:
                    yield f"{where}: {answer.status}"
                yield from (f"{where}: {v}" for v in violations(page))
                if overflow(page) > 0:
                    yield f"{where}: {overflow(page)} px too wide"
            page.close()

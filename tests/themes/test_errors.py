"""Pages of errors: branded, with the request's id and a next step, and out even without a database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from foundation.tenancy import PUBLIC, HospitalRecord, stand
from themes.errors import PAGES, render_error
from themes.queries import brand, portico_brand

type Clients = Callable[..., Client]


@pytest.fixture(autouse=True)
def in_english() -> None:
    translation.activate("en")


@pytest.mark.parametrize("code", sorted(PAGES))
def test_every_page_says_what_happened_and_carries_the_id(code: str, in_mercy: HospitalRecord) -> None:
    request = RequestFactory().get("/somewhere/?a=1")
    request.hospital = in_mercy  # type: ignore[attr-defined]
    request.id = "0198f3c2a7f04a51"  # type: ignore[attr-defined]
    status = int(code) if code.isdigit() else 503
    page = render_error(request, status, code=code)
    assert page.status_code == status
    assert page["Cache-Control"] == "no-store"
    assert "0198f3c2a7f04a51" in page.text
    assert "Mercy General Hospital" in page.text
    assert str(PAGES[code].title) in page.text
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_for_our_own_fault_needs_no_database(status: int, mercy: HospitalRecord) -> None:
    stand(None)  # a query from here on is an error
    request = RequestFactory().get("/")
    request.hospital = mercy  # type: ignore[attr-defined]
    page = render_error(request, status)
    assert page.status_code == status
    assert "Mercy General Hospital" in page.text
    assert portico_brand().theme_url in page.text


def test_a_known_brand_is_worn_without_a_database_too(in_mercy: HospitalRecord) -> None:
    view = brand()
    request = RequestFactory().get("/")
    request.hospital = in_mercy  # type: ignore[attr-defined]
    assert view.theme_url in render_error(request, 500).text


def test_words_from_outside_are_escaped(in_mercy: HospitalRecord) -> None:
    request = RequestFactory().get("/")
    request.hospital = in_mercy  # type: ignore[attr-defined]
    assert "<script>alert" not in render_error(request, 404, message="<script>alert(1)</script>").text


def test_an_unknown_status_still_has_a_page() -> None:
    stand(PUBLIC)
    try:
        request = RequestFactory().get("/")
        assert render_error(request, 418).status_code == 418
        assert render_error(request, 502).status_code == 502
    finally:
        stand(None)


def test_a_missing_page_is_branded_and_has_a_way_home(client_for: Clients, mercy: HospitalRecord) -> None:
    page = client_for(mercy).get("/nothing-here/")
    assert page.status_code == 404
    assert "Mercy General Hospital" in page.text
    assert page["X-Request-Id"] in page.text
    assert 'href="/"' in page.text


def test_a_form_that_waited_too_long_is_explained(client_for: Clients, mercy: HospitalRecord) -> None:
    client = Client(enforce_csrf_checks=True, SERVER_NAME=mercy.host)
    page = client.post("/language/", {"language": "es"})
    assert page.status_code == 403
    assert "Send the form once more" in page.text

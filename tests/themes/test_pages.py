"""The small files that carry the brand, and the choice of language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from foundation import clock
from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from themes.actions import set_brand
from themes.queries import brand, portico_brand
from themes.samples import SAMPLES
from themes.signals import language_chosen

type Clients = Callable[..., Client]


@pytest.fixture
def at_mercy(client_for: Clients, mercy: HospitalRecord) -> Client:
    return client_for(mercy)


def theme_of(hospital: HospitalRecord) -> str:
    with inside(hospital):
        return brand().theme_url


def test_the_theme_is_immutable_and_varies_by_host(at_mercy: Client, mercy: HospitalRecord) -> None:
    answer = at_mercy.get(theme_of(mercy))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Host" in answer["Vary"]
    assert "--primary:#0b6168" in answer.text
    assert not answer.cookies


@pytest.mark.parametrize("name", ["000000000000", "x", "../../etc/passwd", "0" * 400])
def test_a_wrong_hash_is_not_found(at_mercy: Client, name: str) -> None:
    assert at_mercy.get(f"/theme/{name}.css").status_code == 404


def test_another_hospitals_hash_is_not_found(
    at_mercy: Client, mercy: HospitalRecord, riverside: HospitalRecord
) -> None:
    assert at_mercy.get(theme_of(riverside)).status_code == 404
    with inside(riverside):
        set_brand(by=Actor.command("tests"), brand_color="#0b6168")
    assert at_mercy.get(theme_of(riverside)).status_code == 404


def test_our_own_theme_is_served_everywhere_for_error_pages(at_mercy: Client, client_for: Clients) -> None:
    assert at_mercy.get(portico_brand().theme_url).status_code == 200
    assert client_for(None).get(portico_brand().theme_url).status_code == 200


def test_a_logo_comes_in_its_own_sandbox(at_mercy: Client, mercy: HospitalRecord) -> None:
    with inside(mercy):
        address = brand().logo_url
    answer = at_mercy.get(address)
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in at_mercy.get("/brand/logo.svg?v=old")["Cache-Control"]
    assert at_mercy.get("/favicon.ico").status_code == 200
    assert at_mercy.get("/brand/icon.svg").text.count("<svg") == 2


def test_the_manifest_names_the_hospital_in_the_readers_language(client_for: Clients, mercy: HospitalRecord) -> None:
    with inside(mercy):
        set_brand(by=Actor.command("tests"), **SAMPLES["mercy"])
    client = client_for(mercy, headers={"accept-language": "ar"})
    manifest = json.loads(client.get("/manifest.webmanifest").content)
    assert manifest["lang"] == "ar"
    assert manifest["dir"] == "rtl"
    assert manifest["name"] == "مستشفى ميرسي العام"
    assert re.fullmatch(r"#[0-9a-f]{6}", manifest["theme_color"])


def test_nothing_is_to_be_indexed(at_mercy: Client) -> None:
    assert at_mercy.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_security_txt_has_a_contact_and_a_date_ahead(at_mercy: Client) -> None:
    text = at_mercy.get("/.well-known/security.txt").text
    assert "Contact: mailto:" in text
    expires = datetime.fromisoformat(re.findall("Expires: (.+)", text)[0])
    assert expires > clock.now()


def test_change_password_leads_to_the_account(at_mercy: Client) -> None:
    assert at_mercy.get("/.well-known/change-password").status_code == 302


def test_a_language_is_kept_in_a_cookie_and_the_page_is_kept(at_mercy: Client) -> None:
    answer = at_mercy.post("/language/", {"language": "es", "next": "/sign-in/?next=/records/"})
    assert answer["Location"] == "/sign-in/?next=/records/"
    page = at_mercy.get("/sign-in/")
    assert 'lang="es"' in page.text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "", "records/"]
)
def test_a_language_never_leads_off_the_host(at_mercy: Client, target: str) -> None:
    assert at_mercy.post("/language/", {"language": "es", "next": target})["Location"] == "/"


@pytest.mark.parametrize("language", ["xx", "", "es; Path=/", "../.."])
def test_a_language_that_is_not_offered_changes_nothing(at_mercy: Client, language: str) -> None:
    assert not at_mercy.post("/language/", {"language": language}).cookies


def test_looking_at_the_languages_changes_nothing(at_mercy: Client) -> None:
    page = at_mercy.get("/language/?next=/sign-in/&language=es")
    assert page.status_code == 200
    assert "portico_language" not in page.cookies
    names = re.findall(r"<button[^>]*>([^<]+)</button>", page.text)
    assert names == sorted(names, key=str.casefold)
    assert "Español" in names


def test_a_chosen_language_is_announced(at_mercy: Client) -> None:
    heard: list[str] = []

    def listen(language: str, **_more: object) -> None:
        heard.append(language)

    language_chosen.connect(listen)
    try:
        at_mercy.post("/language/", {"language": "ar", "next": "/"})
    finally:
        language_chosen.disconnect(listen)
    assert heard == ["ar"]


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_frame_says_what_every_page_must(client_for: Clients, mercy: HospitalRecord, language: str) -> None:
    with inside(mercy):
        set_brand(by=Actor.command("tests"), **SAMPLES["mercy"])
    page = client_for(mercy, headers={"accept-language": language}).get("/sign-in/").text
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert page.count("<h1") == 1
    assert 'class="skip" href="#main"' in page
    assert '<main id="main"' in page
    assert 'href="tel:2025550142"' in page
    assert 'href="tel:911"' in page
    assert "(202) 555-0142" in page


def test_the_public_host_wears_our_own_brand(client_for: Clients) -> None:
    page = client_for(None).get("/sign-in/").text
    assert portico_brand().theme_url in page
    assert "Mercy" not in page

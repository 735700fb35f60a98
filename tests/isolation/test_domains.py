"""Whose host is whose: a name is given once, in one spelling, and no header takes another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from foundation.audit import Actor
from foundation.errors import Refusal
from foundation.tenancy import HospitalRecord
from tenants.actions import create_hospital, set_status
from tenants.queries import all_hospitals, hosts

type Browsers = Callable[..., Client]
BY = Actor.command("tests")
TAKEN = [
    "riverside.localhost", "RIVERSIDE.localhost", "riverside.localhost.", " riverside.localhost ",
    "Riverside.LocalHost.", "localhost", "LOCALHOST.", "127.0.0.1",
]  # fmt: skip
ODD = [
    "rivers\u0456de.localhost", "riverside\u3002localhost", "\uff52iverside.localhost", "riverside.localhost:80",
    "riverside.localhost/", "*.localhost", "riverside..localhost", ".localhost", "-riverside.localhost",
    "riverside_.localhost", "riverside.localhost\r\n", "http://riverside.localhost", "a" * 254, "riverside.local host",
]  # fmt: skip


@pytest.mark.security("S14")
@pytest.mark.parametrize("domain", TAKEN)
def test_a_host_that_is_somebodys_is_refused_in_any_spelling(mercy: HospitalRecord, domain: str) -> None:
    before = all_hospitals()
    with pytest.raises(Refusal):
        create_hospital(by=BY, slug="hilltop", name="Hilltop", domain=domain)
    assert all_hospitals() == before


@pytest.mark.security("S14")
@pytest.mark.parametrize("domain", ODD)
def test_a_host_that_looks_like_another_or_like_none_is_refused(mercy: HospitalRecord, domain: str) -> None:
    """Letters of other alphabets, which look alike, have no place: a name is written as browsers send it."""
    before = all_hospitals()
    with pytest.raises(Refusal):
        create_hospital(by=BY, slug="hilltop", name="Hilltop", domain=domain)
    assert all_hospitals() == before


@pytest.mark.security("S14")
@pytest.mark.parametrize("domain", ["www.riverside.localhost", "sign-in.riverside.localhost"])
def test_a_host_below_another_hospitals_is_refused(mercy: HospitalRecord, domain: str) -> None:
    """People take www.X and X for the same place, and a page there could be framed by what they know."""
    with pytest.raises(Refusal):
        create_hospital(by=BY, slug="hilltop", name="Hilltop", domain=domain)


@pytest.mark.security("S14")
def test_a_host_above_another_hospitals_is_refused(riverside: HospitalRecord) -> None:
    create_hospital(by=BY, slug="hilltop", name="Hilltop", domain="portal.hilltop.example")
    with pytest.raises(Refusal):
        create_hospital(by=BY, slug="uphill", name="Uphill", domain="hilltop.example")
    create_hospital(by=BY, slug="uphill", name="Uphill", domain="portal.uphill.example")


HEADERS = {
    "X-Forwarded-Host": "riverside.localhost",
    "X-Original-Host": "riverside.localhost",
    "X-Host": "riverside.localhost",
    "Forwarded": "for=1.2.3.4;host=riverside.localhost",
    "X-Forwarded-Server": "riverside.localhost",
    "X-Original-URL": "http://riverside.localhost/",
    "X-Rewrite-URL": "/",
    "Referer": "http://riverside.localhost/",
    "Origin": "http://riverside.localhost",
}


@pytest.mark.security("S3")
@pytest.mark.security("P13")
@pytest.mark.parametrize("behind_proxy", [False, True])
@pytest.mark.parametrize("name", sorted(HEADERS))
def test_no_header_but_host_chooses_the_hospital(
    mercy: HospitalRecord, settings: LazySettings, name: str, behind_proxy: bool
) -> None:
    settings.PORTICO_BEHIND_PROXY = behind_proxy
    for host, status in ((mercy.host, 200), ("nobody.localhost", 404), ("localhost", 200)):
        answer = Client(SERVER_NAME=host, headers={name: HEADERS[name]}).get("/sign-in/")
        assert answer.status_code == status
        assert b"Riverside" not in answer.content
        assert (b"Mercy General" in answer.content) is (host == mercy.host)
    posted = Client(SERVER_NAME=mercy.host, headers={name: HEADERS[name]}).post(
        "/sign-in/", {"username": "a", "password": "b"}
    )
    assert b"Riverside" not in posted.content


@pytest.mark.security("S12")
def test_a_shut_hospital_is_shut_by_every_method_and_at_every_address(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: Browsers
) -> None:
    set_status(by=BY, slug="mercy", status="suspended")
    hosts.forget()
    for address in ("/", "/sign-in/", "/records/", "/account/", "/manifest.webmanifest", "/robots.txt", "/language/"):
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = client_for(mercy).generic(method, address)
            assert answer.status_code == 503, (method, address)
            assert "no-store" in answer.headers["Cache-Control"]
    assert client_for(riverside).get("/sign-in/").status_code == 200

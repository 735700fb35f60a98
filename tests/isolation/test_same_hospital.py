"""One hospital from within: other patients, staff, a password without its second step, forged forms, odd methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from foundation.permissions import access_of
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.accounts.models import User
from tests.isolation.conftest import Twin, keys_of
from tests.isolation.routes import addresses, body

type People = Callable[..., User]
type Browsers = Callable[..., Client]


def everywhere(hospital: HospitalRecord) -> list[str]:
    """Every address of the hospital with every key that it has, but for the one that ends the walk's session."""
    return [address for address in addresses("config.urls", keys_of(hospital)) if address != "/sign-out/"]


def opens_before_the_second_step(address: str) -> bool:
    access = access_of(resolve(address, "config.urls").func)
    return access is not None and (access.kind == "all" or not access.verified)


@pytest.mark.security("S20")
def test_another_patients_ids_open_nothing(twins: tuple[Twin, Twin], client_for: Browsers, person: People) -> None:
    here, _there = twins
    with inside(here.hospital):
        other = Patient.objects.create(fhir_id="someone-else", name="Ben Else", given_name="Ben")
    browser = client_for(here.hospital, person(here.hospital, "ben", patient=other))
    for address in everywhere(here.hospital):
        for method in ("get", "post"):
            answer = getattr(browser, method)(address, HTTP_X_PATIENT_ID=str(here.patient.pk))
            assert answer.status_code < 500, address
            assert here.canary.encode() not in body(answer), address
        named = browser.get(address, {"patient": str(here.patient.pk), "patient_id": str(here.patient.pk)})
        assert here.canary.encode() not in body(named), address


@pytest.mark.security("S20")
@pytest.mark.parametrize("role", ["clinician", "admin"])
def test_staff_open_no_record_without_a_grant(
    twins: tuple[Twin, Twin], client_for: Browsers, person: People, role: str
) -> None:
    here, _there = twins
    browser = client_for(here.hospital, person(here.hospital, f"a-{role}", role=role))
    for address in everywhere(here.hospital):
        answer = browser.get(address)
        assert answer.status_code < 500, address
        if role == "admin" and address.startswith("/data-requests/"):
            continue  # whom the hospital has to answer; no record is shown there
        assert here.canary.encode() not in body(answer), address


@pytest.mark.security("S31")
@pytest.mark.parametrize("role", ["patient", "clinician", "admin"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_password_alone_opens_set_up_sign_out_and_help(
    twins: tuple[Twin, Twin], client_for: Browsers, person: People, role: str, method: str
) -> None:
    here, _there = twins
    user = here.user if role == "patient" else person(here.hospital, f"a-{role}", role=role)
    browser = client_for(here.hospital, user, verified=False)
    shut = 0
    for address in everywhere(here.hospital):
        answer = getattr(browser, method)(address)
        assert answer.status_code < 500, address
        assert here.canary.encode() not in body(answer), address
        if not opens_before_the_second_step(address):
            assert (answer.status_code, answer.headers["Location"]) == (302, "/set-up/"), address
            shut += 1
    assert shut > 20


@pytest.mark.security("S20")
def test_a_form_without_the_pages_token_changes_nothing(twins: tuple[Twin, Twin], client_for: Browsers) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user, enforce_csrf_checks=True)
    for address in everywhere(here.hospital):
        assert browser.post(address).status_code == 403, address
    for address in ("/language/", "/sign-in/", "/password/forgotten/"):
        strange = browser.post(address, {"language": "es"}, HTTP_ORIGIN="http://riverside.localhost")
        assert strange.status_code == 403, address


@pytest.mark.security("S74")
def test_no_other_method_gets_data_or_an_error(twins: tuple[Twin, Twin], client_for: Browsers) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    for address in everywhere(here.hospital):
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            answer: Any = browser.generic(method, address)
            assert answer.status_code in {302, 403, 404, 405}, (method, address)
            assert here.canary.encode() not in body(answer), (method, address)
        assert body(browser.head(address)) == b"", address

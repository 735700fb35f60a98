"""The home page: what to do, the next visit, what is new, in this order; staff go to their own page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from foundation.clock import now
from foundation.tenancy import HospitalRecord
from portal.accounts.models import User
from tests.portal.records.conftest import Chart, of_alice, result
from tests.portal.records.test_pages import tree


def order(page: str) -> list[str]:
    return [" ".join(heading.text_content().split()) for heading in tree(page).xpath("//main//h2")]


def appointment(start: str, **more: object) -> dict[str, object]:
    who = [{"actor": {"reference": "Patient/alice"}}, {"actor": {"display": "Dr. Chen"}}]
    return {"resourceType": "Appointment", "id": "v", "status": "booked", "description": "Check-up", "start": start,
            "participant": who, **more}  # fmt: skip


def test_home_answers_in_order(alice: Chart) -> None:
    soon = (now() + timedelta(days=2)).isoformat(timespec="seconds")
    yesterday = (now() - timedelta(days=1)).isoformat(timespec="seconds")
    alice.sync(result("a", effectiveDateTime=yesterday), appointment(soon))
    page = alice.page("/")
    assert order(page)[:2] == ["For you to do 1", "New since last time"]
    assert order(page)[2:4] == ["Your next visit", "Other things you can do"]
    assert "Read your new result" in page
    assert f'datetime="{soon}"' in page
    assert page.count('class="button"') == 1, "one filled button"


def test_nothing_to_do_is_said_calmly(alice: Chart) -> None:
    alice.sync(of_alice("Condition", "c", code={"text": "Asthma"}))
    assert "Nothing to do right now." in alice.page("/")


def test_a_visit_that_was_cancelled_or_is_over_is_not_the_next(alice: Chart) -> None:
    soon = (now() + timedelta(days=2)).isoformat(timespec="seconds")
    alice.sync(appointment(soon, status="cancelled"))
    assert "No visits planned" in alice.page("/")


@pytest.mark.parametrize(("hour", "words"), [(7, "Good morning"), (13, "Good afternoon"), (20, "Good evening")])
def test_the_greeting_goes_by_the_hospital_s_clock(alice: Chart, hour: int, words: str) -> None:
    moment = datetime(2026, 11, 23, hour, tzinfo=ZoneInfo(alice.hospital.time_zone))
    with time_machine.travel(moment, tick=False):
        from foundation.tenancy import inside
        from portal.dashboard.views import greeting

        with inside(alice.hospital):
            assert greeting("Alice") == f"{words}, Alice"


@pytest.mark.parametrize("role", ["clinician", "admin"])
def test_staff_go_to_their_own_page(
    mercy: HospitalRecord, role: str, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    response = client_for(mercy, person(mercy, "chen", role=role)).get("/")
    assert response.status_code == 302
    assert response["Location"] == "/staff/"


def test_a_stranger_goes_to_sign_in(mercy: HospitalRecord, client_for: Callable[..., Client]) -> None:
    assert client_for(mercy).get("/")["Location"] == "/sign-in/"


def test_a_record_of_one_allergy_is_not_called_empty(alice: Chart) -> None:
    allergy = of_alice("AllergyIntolerance", "a", code={"text": "Latex"}, patient={"reference": "Patient/alice"})
    alice.sync(allergy)
    assert "still empty" not in alice.page("/")

"""What the EHR holds is what the pages show: every number, unit, range and date, with nothing left out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.charts import facts, fetch, missing
from tests.journeys.conftest import Portal
from tests.journeys.plain import Visitor
from tests.journeys.walking import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def visiting(portal: Portal, slug: str, person: dict[str, Any]) -> Visitor:
    """This person, signed in over plain HTTP once, then by the same session."""
    visitor = Visitor(f"{slug}.localhost", portal.port)
    key = f"{slug}/{person['username']}"
    if key in portal.sessions:
        visitor.http.cookies.set(COOKIE, portal.sessions[key])
    else:
        visitor.sign_in(person["username"], person["password"], portal.code(slug, person))
        portal.sessions[key] = visitor.http.cookies[COOKIE]
    return visitor


@pytest.mark.parametrize(("slug", "username"), [("mercy", "alice"), ("riverside", "eve")])
def test_every_number_of_the_chart_is_on_a_page_as_the_ehr_wrote_it(portal: Portal, slug: str, username: str) -> None:
    person = portal.person(slug, username)
    source = portal.hospital(slug)["fhir"]
    visitor = visiting(portal, slug, person)
    observations = fetch(source["base_url"], source["token"], "Observation", person["patient_id"])
    found = [fact for observation in observations for fact in facts(observation)]
    assert len(found) > 100
    pages = visitor.whole_record()
    assert missing(found, pages) == []


def test_what_was_entered_in_error_is_on_no_page(portal: Portal) -> None:
    person = portal.person("mercy", "alice")
    source = portal.hospital("mercy")["fhir"]
    observations = fetch(source["base_url"], source["token"], "Observation", person["patient_id"])
    wrong = [o for o in observations if o.get("status") == "entered-in-error"]
    assert wrong
    visitor = visiting(portal, "mercy", person)
    pages = visitor.whole_record()
    for observation in wrong:
        value, when = observation["valueQuantity"]["value"], observation["effectiveDateTime"]
        assert not [p.path for p in pages if value in p.values and when in p.times and p.path.startswith("/results/")]

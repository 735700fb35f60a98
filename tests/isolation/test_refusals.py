"""Who asked for what they may not have stands in the record, and nothing that was refused stands there as read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
PAGES = (
    ("/results/{}/", "result"),
    ("/results/reports/{}/", "report"),
    ("/visits/{}/", "visit"),
    ("/visits/{}/calendar.ics", "visit"),
    ("/records/documents/{}/", "document"),
    ("/records/documents/{}/files/0/", "route"),
    ("/records/download/{}/", "route"),
    ("/records/download/{}/file/", "route"),
)


def refused(hospital: HospitalRecord, user: Any) -> list[tuple[str, str, str, str]]:
    with inside(hospital):
        found = AuditEvent.objects.filter(actor_id=user.pk).exclude(kind__startswith="person.").order_by("id")
        return list(found.values_list("kind", "outcome", "target_id", "reason"))


@pytest.mark.security("S50")
@pytest.mark.parametrize(("page", "what"), PAGES)
def test_an_id_that_is_not_ones_own_leaves_a_refusal_and_no_read(
    mercy: HospitalRecord, client_for: Browsers, person: People, page: str, what: str
) -> None:
    with inside(mercy):
        patient = Patient.objects.create(fhir_id="p1", name="Ben", given_name="Ben")
    user, wanted = person(mercy, "ben", patient=patient), uuid4()
    assert client_for(mercy, user).get(page.format(wanted)).status_code == 404
    events = refused(mercy, user)
    assert events, what
    assert {outcome for _kind, outcome, _target, _reason in events} == {"refused"}
    assert any(str(wanted) in target for _kind, _outcome, target, _reason in events)


@pytest.mark.security("S50")
@pytest.mark.parametrize("role", ["clinician", "admin"])
def test_staff_who_try_a_record_leave_a_refusal(
    mercy: HospitalRecord, client_for: Browsers, person: People, role: str
) -> None:
    user, wanted = person(mercy, "chen", role=role), uuid4()
    browser = client_for(mercy, user)
    assert browser.get("/records/").status_code == 403
    assert browser.get(f"/results/{wanted}/").status_code == 403
    assert refused(mercy, user) == [
        ("access.refused", "refused", "records:overview", "records.read"),
        ("access.refused", "refused", f"records:result {wanted}", "records.read"),
    ]


@pytest.mark.security("S50")
def test_pages_that_open_leave_no_refusal(mercy: HospitalRecord, client_for: Browsers, person: People) -> None:
    with inside(mercy):
        patient = Patient.objects.create(fhir_id="p1", name="Ben", given_name="Ben")
    user = person(mercy, "ben", patient=patient)
    browser = client_for(mercy, user)
    assert browser.get("/records/").status_code == 200
    assert browser.get("/no-such-page/").status_code == 404
    assert {outcome for _kind, outcome, _target, _reason in refused(mercy, user)} == {"success"}

"""Printing a page of the record leaves an event."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.audit.models import AuditEvent
from foundation.tenancy import inside
from tests.isolation.conftest import Twin, twins  # noqa: F401  (a fixture)


@pytest.mark.security("S50")
def test_printing_a_page_leaves_an_event_with_the_patient_and_the_page(
    twins: tuple[Twin, Twin],  # noqa: F811
    client_for: Callable[..., Client],
) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    assert b'data-print="/records/printed/"' in browser.get("/records/conditions/").content
    assert browser.post("/records/printed/", {"page": "/records/conditions/"}).status_code == 204
    for other in ("/account/", "/nowhere/", "", "https://example.org/records/"):
        assert browser.post("/records/printed/", {"page": other}).status_code == 404
    with inside(here.hospital):
        (event,) = AuditEvent.objects.filter(kind="record.printed", outcome="success")
    assert (event.patient_id, event.actor_id, event.target_id) == (here.patient.pk, here.user.pk, "records:list")

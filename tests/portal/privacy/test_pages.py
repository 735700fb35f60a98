"""The pages in a browser: nothing for axe, for the Content Security Policy or for a narrow window to complain of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext

from foundation.audit import Actor
from foundation.audit.alarms import open_alarms, raise_alarm
from foundation.audit.models import AuditEvent
from foundation.clock import now
from foundation.tenancy import inside
from portal.access.queries import viewer_of_person
from portal.privacy import actions
from portal.privacy.models import Finding
from portal.privacy.reporting import make_report
from tests.portal.privacy.conftest import BY, People, Ward, actor_of, look, make_patient
from tests.themes.test_gallery import RULES, Served
from themes.actions import set_brand
from themes.samples import SAMPLES


class Here(Client):
    """Answers in the test's own context: playwright calls from another one, which has a connection of its own, and that
    sees nothing of the test's transaction."""

    def __init__(self, client: Client, host: str) -> None:
        super().__init__(SERVER_NAME=host, raise_request_exception=False)
        self.cookies, self.around = client.cookies, copy_context()

    def get(self, *given: Any, **more: Any) -> Any:
        return self.around.copy().run(super().get, *given, **more)


pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def fill(ward: Ward, person: People) -> dict[str, list[str]]:
    """A week as it could be, and the paths of the pages that show it: the patient's and the officer's."""
    rosa = person(ward.hospital, "rosa", name="Rosa Moreno", role="clinician")
    ben = person(ward.hospital, "ben", name="Ben Moreno", patient=ward.patient)
    noon = now().replace(hour=17, minute=4) - timedelta(days=1)
    ward.look(Actor.system("synchronisation"), "record.synchronised", at=noon - timedelta(days=2))
    for minutes in (0, 3, 9):
        ward.look(at=noon + timedelta(minutes=minutes))
    ward.look(actor_of(ben), "visit.read", at=noon + timedelta(hours=2))
    ward.look(Actor("person", uuid4(), "Steps and Sleep", "app"), "record.read", at=noon + timedelta(hours=3))
    ward.look(actor_of(rosa), "document.read", at=noon - timedelta(days=4), reason="Preparing the visit on Tuesday")
    ward.look(
        actor_of(rosa), "report.read", at=noon - timedelta(days=4, hours=1), outcome="refused", reason="not_found"
    )
    ward.look(actor_of(ward.alice), "result.listed", at=noon)
    look(ward.hospital, actor_of(ward.chen), make_patient(ward.hospital, "p9", "Frank O’Brien").pk, at=noon)
    with inside(ward.hospital):
        actions.set_flag(by=actor_of(ward.priya), patient_id=ward.patient.pk, reason="Known from the news")
        number = AuditEvent.objects.filter(actor_id=rosa.pk, kind="document.read").latest("id").id
        alice = viewer_of_person(ward.alice, verified=True)
        assert alice.patient is not None
        asked = actions.ask(by=alice.actor, patient=alice.patient, event_id=number,
                            text="I do not know this person. Why did she open my document?")  # fmt: skip
        done = actions.ask(by=alice.actor, patient=alice.patient, text="Who is Steps and Sleep?")
        actions.answer(by=actor_of(ward.priya), question_id=done, text="It is the app that you joined in May.")
        actions.note_disclosure(
            by=actor_of(ward.priya), patient_id=ward.patient.pk, made_on=datetime(2026, 3, 4, tzinfo=UTC).date(),
            recipient="County Health Department", recipient_address="40 State Street, Springfield",
            what="A report of a disease that must be reported", purpose="public_health",
        )  # fmt: skip
        make_report(by=BY)
        raise_alarm("audit.anchor_failed", target="store")
        raise_alarm("audit.chain_broken", target="4711")
        finding = Finding.objects.filter(person_id=rosa.pk).latest("weight").pk
        alarm = open_alarms()[0].id
    patient = ward.patient.pk
    return {
        "patient": ["/account/looks/", "/account/looks/?of=me", "/account/looks/?who=vendor&time=month",
                    f"/account/looks/{number}/", "/account/looks/ask/", f"/account/looks/questions/{asked}/",
                    f"/account/looks/questions/{done}/", "/account/given/", "/account/"],
        "officer": ["/staff/", "/privacy/looks/", f"/privacy/looks/?patient={patient}", f"/privacy/looks/{number}/",
                    "/privacy/patients/", f"/privacy/patients/{patient}/", f"/privacy/patients/{patient}/flag/",
                    f"/privacy/patients/{patient}/given/", f"/privacy/patients/{patient}/given/add/",
                    "/privacy/questions/", f"/privacy/questions/{asked}/", f"/privacy/questions/{done}/",
                    "/privacy/unusual/", f"/privacy/unusual/{finding}/", "/privacy/alarms/",
                    f"/privacy/alarms/{alarm}/"],
    }  # fmt: skip


@pytest.fixture
def windows(browser: Browser, ward: Ward) -> Iterator[Callable[..., Served]]:
    made: list[BrowserContext] = []
    with inside(ward.hospital):
        set_brand(by=BY, **SAMPLES["mercy"])

    def make(who: str, width: int, **options: Any) -> Served:
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **options)
        made.append(context)
        client = {"patient": ward.her, "officer": ward.officer}[who]
        return Served(context, Here(client, ward.hospital.host), ward.hospital.host)

    yield make
    for context in made:
        context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_no_page_has_a_violation_or_scrolls_sideways(
    windows: Callable[..., Served], ward: Ward, person: People, scheme: str, width: int
) -> None:
    for who, paths in fill(ward, person).items():
        here = windows(who, width, color_scheme=scheme)
        for path in paths:
            page = here.open(path)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, (path, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert here.said == []


def test_in_arabic_the_pages_are_mirrored_and_fit_a_small_phone(
    windows: Callable[..., Served], ward: Ward, person: People
) -> None:
    from portal.accounts.models import User

    with inside(ward.hospital):
        User.objects.update(language="ar")
    for who, paths in fill(ward, person).items():
        here = windows(who, 320)
        here.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
        for path in paths:
            page = here.open(path)
            assert page.evaluate("document.documentElement.dir") == "rtl"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert here.said == []

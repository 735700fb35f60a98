"""The report of unusual looks, each night and whenever an officer asks."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

from foundation.audit import Actor
from foundation.clock import now
from foundation.tasks import hospital_task, public_task
from portal.privacy.reporting import make_report
from tenants.queries import live_hospitals

NIGHT = 2
JITTER_SECONDS = 600


@hospital_task(name="privacy.report")
def report() -> None:
    make_report(by=Actor.system("report"))


@public_task(name="privacy.report_everywhere")
def report_everywhere() -> None:
    """Once an hour: those hospitals where it is two at night, each as a task of its own."""
    for hospital in live_hospitals():
        if now().astimezone(ZoneInfo(hospital.time_zone)).hour == NIGHT:
            report.send(hospital, delay=random.uniform(0, JITTER_SECONDS))  # noqa: S311  (spreads load)

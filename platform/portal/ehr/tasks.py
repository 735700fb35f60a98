"""Celery's side of the synchronisation: one task a hospital, and the one that starts them."""

from __future__ import annotations

import random
from datetime import timedelta

from foundation.audit import Actor
from foundation.clock import now
from foundation.logs import get_logger
from foundation.tasks import hospital_task, public_task
from portal.ehr.errors import NoConnection, SyncRuns
from portal.ehr.queries import active_connection
from portal.ehr.sync import synchronise
from tenants.queries import live_hospitals

log = get_logger(__name__)
JITTER_SECONDS = 60.0
NOT_AGAIN_WITHIN = timedelta(seconds=90)


@hospital_task(name="ehr.sync_connection")
def sync_connection(*, asked: bool = False, full: bool = False) -> None:
    """Synchronises the hospital. A task that waited in the queue behind another one has nothing left to do."""
    connected = active_connection()
    if connected is None:
        return
    if not asked and connected.last_attempt_at and connected.last_attempt_at > now() - NOT_AGAIN_WITHIN:
        return
    try:
        synchronise(by=Actor.system("synchronisation"), full=full)
    except (NoConnection, SyncRuns) as refusal:
        log.info("sync.skipped", code=refusal.code)


@public_task(name="ehr.synchronise_hospitals")
def synchronise_hospitals() -> None:
    """One task a live hospital, spread over a minute. Suspended hospitals are not among them."""
    for hospital in live_hospitals():
        sync_connection.send(hospital, delay=random.uniform(0, JITTER_SECONDS))  # noqa: S311  (spreads load, guards nothing)

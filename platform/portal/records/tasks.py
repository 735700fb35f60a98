"""Background work of the record: copies, and their end."""

import random
from uuid import UUID

from foundation.audit import Actor
from foundation.storage import sweep
from foundation.tasks import hospital_task, public_task
from portal.records.models.exports import LIFE
from portal.records.pdf.making import make
from portal.records.removing import remove_old_copies
from tenants.queries import live_hospitals

JITTER_SECONDS = 300


@hospital_task(name="records.make_copy")
def make_copy(*, export_id: str) -> None:
    make(UUID(export_id))


@hospital_task(name="records.remove_old_copies")
def remove_old() -> None:
    remove_old_copies(by=Actor.system("tidy"))


@public_task(name="records.remove_old_copies_everywhere")
def remove_old_everywhere() -> None:
    """Each live hospital as a task of its own, spread over five minutes. What is left then lies there too long."""
    for hospital in live_hospitals():
        remove_old.send(hospital, delay=random.uniform(0, JITTER_SECONDS))  # noqa: S311  (spreads load)
    sweep("exports", older_than=LIFE)

"""Background work: making copies, and their end."""

import random
from uuid import UUID

from foundation.audit import Actor
from foundation.storage import sweep
from foundation.tasks import hospital_task, public_task
from portal.personal.copying.job import FOLDER, make
from portal.personal.tidying import copy_life, tidy
from tenants.queries import live_hospitals

JITTER_SECONDS = 300


@hospital_task(name="personal.make_copy")
def make_copy(*, copy_id: str) -> None:
    make(UUID(copy_id))


@hospital_task(name="personal.tidy")
def tidy_here() -> None:
    tidy(by=Actor.system("tidy"))


@public_task(name="personal.tidy_everywhere")
def tidy_everywhere() -> None:
    """Each live hospital as a task of its own, spread over five minutes. What is left then lies there too long."""
    for hospital in live_hospitals():
        tidy_here.send(hospital, delay=random.uniform(0, JITTER_SECONDS))  # noqa: S311  (spreads load)
    sweep(FOLDER, older_than=copy_life())

"""Background work of accounts: links by mail, and tidying up."""

from __future__ import annotations

import random
from uuid import UUID

from foundation.audit import Actor
from foundation.tasks import hospital_task, public_task
from foundation.tenancy import PUBLIC, HospitalRecord
from portal.accounts import mail, tidying
from portal.accounts.actions import issue_link
from portal.accounts.models import OneTimeLink
from portal.accounts.queries import person_by_id
from tenants.queries import live_hospitals

JITTER_SECONDS = 300


def _send_reset(user_id: str) -> None:
    """The token is made here, where the mail is: it never lies in the queue. An id of nobody does nothing."""
    user = person_by_id(UUID(user_id))
    if user is not None and user.email:
        purpose = OneTimeLink.Purpose.RESET
        mail.send_link(user, purpose, issue_link(by=Actor.system("mail"), user=user, purpose=purpose))


@hospital_task(name="accounts.send_reset_link")
def send_reset_link(*, user_id: str) -> None:
    _send_reset(user_id)


@public_task(name="accounts.send_vendor_reset_link")
def send_vendor_reset_link(*, user_id: str) -> None:
    _send_reset(user_id)


def queue_reset_link(where: HospitalRecord, user_id: UUID) -> None:
    """Queues the mail, in `public` too. Whether the id belongs to anybody is found out by the task."""
    if where.schema_name == PUBLIC.schema_name:
        send_vendor_reset_link.send(user_id=str(user_id))
    else:
        send_reset_link.send(where, user_id=str(user_id))


@hospital_task(name="accounts.tidy")
def tidy() -> None:
    tidying.tidy(by=Actor.system("tidy"))


@public_task(name="accounts.tidy_everywhere")
def tidy_everywhere() -> None:
    """The vendor's own people here and now; each live hospital as a task of its own, spread over five minutes."""
    tidying.tidy(by=Actor.system("tidy"))
    tidying.sweep_mail()
    for hospital in live_hospitals():
        tidy.send(hospital, delay=random.uniform(0, JITTER_SECONDS))  # noqa: S311  (spreads load, guards nothing)

"""The end of copies and of old requests: files go after hours, rows after years."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.storage import hospital_files
from portal.personal.models import DataCopy, DataRequest


def copy_life() -> timedelta:
    return timedelta(hours=settings.PORTICO_DATA_COPY_HOURS)


@action(event="data.tidied")
def tidy(*, by: Actor) -> int:
    """Removes files whose time is up, and rows that nobody has to be shown any more. The number of files and rows."""
    moment = now()
    edge = moment - timedelta(days=settings.PORTICO_DATA_REQUEST_DAYS)
    over = DataCopy.objects.filter(asked_at__lte=moment - copy_life()).exclude(
        state__in=(DataCopy.State.GONE, DataCopy.State.FETCHED)
    )
    keys = [key for key in over.values_list("file_key", flat=True) if key]
    for key in keys:
        hospital_files().delete(key)
    over.update(state=DataCopy.State.GONE, file_key="")
    rows = DataCopy.objects.filter(asked_at__lte=edge).delete()[0]
    rows += DataRequest.objects.filter(answered_at__lte=edge).delete()[0]
    about(count=len(keys) + rows)
    return len(keys) + rows

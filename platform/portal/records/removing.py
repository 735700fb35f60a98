"""The end of copies: files go after a day, rows stay so that the page can say that they are gone."""

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import now
from foundation.storage import hospital_files
from portal.records.models.exports import LIFE, RecordExport


@action(event="export.removed")
def remove_old_copies(*, by: Actor) -> int:
    """Removes every file that is older than a day. The number of files."""
    old = RecordExport.objects.filter(asked_at__lte=now() - LIFE).exclude(state=RecordExport.State.GONE)
    keys = [key for key in old.values_list("file_key", flat=True) if key]
    for key in keys:
        hospital_files().delete(key)
    old.update(state=RecordExport.State.GONE, file_key="")
    about(count=len(keys))
    return len(keys)

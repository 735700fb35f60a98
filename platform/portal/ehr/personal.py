"""What the mirror's tables hold of people."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from foundation.personal import AT_ONCE, Declaration, Holds, Subject, delete_rows, each_row, hold_nothing, holds
from portal.ehr import models


def each_version(declared: Declaration, subject: Subject) -> Iterator[Mapping[str, Any]]:
    """Earlier bodies as they came, every digit kept."""
    rows = declared.rows(subject).annotate(text=Cast("body", TextField())).order_by("pk")
    for row in rows.values(*declared.columns, "text").iterator(chunk_size=AT_ONCE):
        body = orjson.Fragment(row.pop("text"))
        yield {**row, "body": body}


def delete_notes(declared: Declaration, subject: Subject) -> int:
    """Notes on resources that are the subject's: they name them by number, and go with them."""
    notes = declared.model._default_manager.filter(resource__patient_id__in=subject.patient_ids)
    count = notes.count()
    notes.delete()
    return count


# The bodies leave as FHIR, in files of their own (portal.ehr.handing_out).
holds(
    models.Resource, Holds.HEALTH, title=_("The record as the hospital’s system sent it"), patient="patient_id",
    hidden=("content_hash", "body"), export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.ResourceHistory, Holds.HEALTH, title=_("What the record said before it was changed"), patient="patient_id",
    hidden=("content_hash", "body"), export=each_version, erase=delete_rows,
)  # fmt: skip
holds(
    models.PatientProgress, Holds.IDENTITY, title=_("When the record was last read"), patient="patient_id",
    export=each_row, erase=delete_rows,
)  # fmt: skip
holds(models.Unprojected, Holds.TECHNICAL, erase=delete_notes)
hold_nothing("ehr.Connection", "ehr.SyncRun", what=Holds.TECHNICAL)

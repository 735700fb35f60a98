"""The mirror as it stands, for a person who takes their data with them: text in, text out, every digit kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from portal.ehr.models import Resource

AT_ONCE = 200


def each_body(patient_ids: Sequence[UUID], *, gone: bool) -> Iterator[tuple[str, str]]:
    """Type and JSON of each resource, by type, some hundred at a time: what the source holds now, or what it held."""
    found = Resource.objects.filter(patient_id__in=patient_ids, gone_at__isnull=not gone)
    texts = found.annotate(text=Cast("body", TextField())).order_by("type", "fhir_id")
    yield from texts.values_list("type", "text").iterator(chunk_size=AT_ONCE)

"""Every FHIR file of the sample data loads into the mirror: none crashes, none is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection, Resource, SyncRun
from portal.ehr.ownership import owners_of
from portal.ehr.payload import decode, receive
from portal.ehr.sync import synchronise
from tests.portal.ehr.conftest import BY

SAMPLES = os.environ.get("PORTICO_SAMPLES", "")
FILES = sorted(Path(SAMPLES).glob("fhir/**/*.json")) if SAMPLES else []


@pytest.mark.skipif(not FILES, reason="PORTICO_SAMPLES does not name a folder with sample data.")
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem[:24])
def test_a_sample_file_is_mirrored_whole(file: Path, connected: Connection, ehr: MemoryEHR) -> None:
    del connected
    ehr.load(decode(file.read_bytes()))
    report = synchronise(by=BY)
    assert report.run.state == SyncRun.State.DONE
    assert report.tally.totals["failed_patients"] == 0
    mirrored = set(Resource.objects.values_list("type", "fhir_id"))
    people = {fhir_id for kind, fhir_id in ehr.resources if kind == "Patient"}
    owned = {key for key, body in ehr.resources.items() if (r := receive(body)) and owners_of(r) & people}
    assert people
    assert owned <= mirrored
    for kind, fhir_id, text in _texts():
        sent = ehr.resources[kind, fhir_id]
        assert decode(text) == decode(_plain(sent)), f"{kind}/{fhir_id} is not as it came"


def _texts() -> list[tuple[str, str, str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT type, fhir_id, body::text FROM ehr_resource")
        return list(cursor.fetchall())


def _plain(body: dict[str, object]) -> bytes:
    received = receive(body)
    assert received is not None
    return received.json

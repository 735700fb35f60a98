"""A hospital whose EHR is in this process's memory, and what the mirror holds as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from foundation.audit import Actor
from foundation.registry import Kept, MirrorRow, projectors
from foundation.tenancy import HospitalRecord
from portal.ehr.actions import store_connection
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection

BY = Actor.command("tests")
ADDRESS = "memory://mercy"


@pytest.fixture
def ehr() -> Iterator[MemoryEHR]:
    MemoryEHR.forget(ADDRESS)
    yield MemoryEHR.at(ADDRESS)
    MemoryEHR.forget(ADDRESS)


def connect_memory(address: str = ADDRESS) -> Connection:
    return store_connection(by=BY, kind="memory", base_url=address, settings={"parallel": 2})


@pytest.fixture
def connected(in_mercy: HospitalRecord, ehr: MemoryEHR) -> Connection:
    del in_mercy, ehr
    return connect_memory()


class Recorder:
    """A projector that keeps a table of its own in memory: what pages would show."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[tuple[list[str], list[str]]] = []
        self.keep: Callable[[MirrorRow], str] = lambda row: ""

    def __call__(self, patient_id: Any, changed: list[MirrorRow], removed: list[MirrorRow]) -> list[Kept]:
        self.calls.append(([f"{r.type}/{r.fhir_id}" for r in changed], [f"{r.type}/{r.fhir_id}" for r in removed]))
        for row in removed:
            self.shown.pop((row.type, row.fhir_id), None)
        for row in changed:
            if row.body.get("status") == "entered-in-error":
                self.shown.pop((row.type, row.fhir_id), None)
            else:
                self.shown[row.type, row.fhir_id] = row.body
        return [Kept(row.id, reason) for row in changed if (reason := self.keep(row))]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(projectors, "_values", {"recorder": made})
    return made


def everything() -> dict[str, Any]:
    """The whole state that a synchronisation leaves, without ids and moments of our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.type, r.fhir_id, p.fhir_id, r.version_id, r.body::text, r.gone_at IS NOT NULL, "
            "(SELECT count(*) FROM ehr_resourcehistory h WHERE h.resource_id = r.id) "
            "FROM ehr_resource r LEFT JOIN access_patient p ON p.id = r.patient_id ORDER BY 1, 2, 3"
        )
        mirror = cursor.fetchall()
        cursor.execute("SELECT fhir_id, since::text, missing::text FROM ehr_patientprogress ORDER BY 1")
        progress = cursor.fetchall()
        cursor.execute("SELECT fhir_id, name, birth_date, sex, mrn FROM access_patient ORDER BY 1")
        people = cursor.fetchall()
        cursor.execute(
            "SELECT r.type, r.fhir_id, u.reason FROM ehr_unprojected u JOIN ehr_resource r ON r.id = u.resource_id "
            "ORDER BY 1, 2, 3"
        )
        return {"mirror": mirror, "progress": progress, "people": people, "kept": cursor.fetchall()}

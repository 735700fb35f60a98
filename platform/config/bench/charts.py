"""Charts for a measurement: the demo's patients as JSON text, put into an EHR in this process's memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec
import orjson

from config.bench.progress import BenchFailed
from config.demo.charts import hospital_resources
from foundation.audit import Actor, open_trail
from foundation.tenancy import HospitalRecord, inside
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.connectors.memory.store import START
from portal.ehr.models import Connection
from portal.ehr.sync import synchronise

BY = Actor.command("bench")
RICH_PATIENT = "p1001"
ADDRESS = "memory://bench"
_meta = {"versionId": "1", "lastUpdated": START.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def written(day: date, patients: int) -> list[bytes]:
    """The resources of so many of mercy's patients, and what they share, each as the JSON text of a server."""
    resources = hospital_resources("mercy", day)
    wanted = {f"p{1000 + number}" for number in range(1, patients + 1)}
    for resource in resources:
        resource["meta"] = {**resource.get("meta", {}), **_meta}
    return [orjson.dumps(resource) for resource in resources if _owner(resource) in {None, *wanted}]


def _owner(resource: dict[str, object]) -> str | None:
    """Whose it is; None for what is shared, such as a clinician."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    return next((target.partition("/")[2] for target in _references(resource) if target.startswith("Patient/")), None)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _references(part)


def offered(texts: Iterable[bytes]) -> None:
    """Parses the texts into the EHR at ADDRESS, in place of what was there."""
    MemoryEHR.forget(ADDRESS)
    store = MemoryEHR.at(ADDRESS)
    for text in texts:
        resource = msgspec.json.decode(text)
        store.resources[resource["resourceType"], resource["id"]] = resource
        store.kinds.add(resource["resourceType"])


def synchronised(hospital: HospitalRecord) -> int:
    """Takes everything from the EHR at ADDRESS into a hospital that has no connection yet. The resources read."""
    with inside(hospital), open_trail():
        Connection.objects.create(kind="memory", base_url=ADDRESS)
        report = synchronise(by=BY, full=True)
        if report.run.state != "done":
            raise BenchFailed(f"The synchronisation ended as {report.run.state!r}.")
    read, there = report.tally.sum("read"), len(MemoryEHR.at(ADDRESS).resources)
    if read < 0.9 * there:
        raise BenchFailed(f"The synchronisation read {read} of {there} resources.")
    return read

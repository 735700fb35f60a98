"""What an admin sees of the connection: state, runs, counts, and what has no place. Types, ids and reasons only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import connection

from portal.ehr.errors import explain
from portal.ehr.models import Connection, SyncRun, Unprojected
from portal.ehr.queries import Freshness, active_connection, freshness

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class KindCount:
    type: str
    held: int
    gone: int
    kept: int


@dataclass(frozen=True, slots=True)
class Placeless:
    """A resource that no page shows, and why."""

    type: str
    fhir_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A kind that could not be read for some patients."""

    type: str
    why: str
    patients: int


@dataclass(frozen=True, slots=True)
class RunLine:
    started_at: datetime
    mode: str
    state: str
    patients: int
    why: str
    running: bool


@dataclass(frozen=True, slots=True)
class Health:
    """Everything on the page. `host` names the source without its path."""

    freshness: Freshness
    host: str
    why: str
    runs: Sequence[RunLine]
    kinds: Sequence[KindCount]
    missing: Sequence[Missing]
    placeless: Sequence[Placeless]
    placeless_total: int

    @property
    def running(self) -> bool:
        return any(run.running for run in self.runs)


def health() -> Health | None:
    """The state of the hospital's connection; None where there is none."""
    connected = active_connection()
    if connected is None:
        return None
    return Health(
        freshness=freshness(),
        host=urlsplit(connected.base_url).netloc,
        why=explain(connected.last_fault) if connected.last_fault else "",
        runs=_runs(connected),
        kinds=_kinds(connected),
        missing=_missing(connected),
        placeless=_placeless(connected),
        placeless_total=Unprojected.objects.filter(resource__connection=connected).count(),
    )


def _runs(connected: Connection) -> list[RunLine]:
    latest = SyncRun.objects.filter(connection=connected).order_by("-started_at")[:5]
    return [
        RunLine(
            run.started_at, run.get_mode_display(), run.get_state_display(), run.patients_done,
            explain(run.fault) if run.fault else "", run.state == SyncRun.State.RUNNING,
        )
        for run in latest
    ]  # fmt: skip


def _kinds(connected: Connection) -> list[KindCount]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.type, count(*) FILTER (WHERE r.gone_at IS NULL), count(*) FILTER (WHERE r.gone_at IS NOT NULL), "
            "(SELECT count(DISTINCT u.resource_id) FROM ehr_unprojected u JOIN ehr_resource k ON k.id = u.resource_id "
            " WHERE k.connection_id = %s AND k.type = r.type) "
            "FROM ehr_resource r WHERE r.connection_id = %s GROUP BY r.type ORDER BY r.type",
            [connected.id, connected.id],
        )
        return [KindCount(*row) for row in cursor.fetchall()]


def _missing(connected: Connection) -> list[Missing]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.key, m.value, count(*) FROM ehr_patientprogress p, jsonb_each_text(p.missing) m "
            "WHERE p.connection_id = %s GROUP BY 1, 2 ORDER BY 1, 2",
            [connected.id],
        )
        return [Missing(kind, explain(fault), number) for kind, fault, number in cursor.fetchall()]


def _placeless(connected: Connection) -> list[Placeless]:
    found = (
        Unprojected.objects.filter(resource__connection=connected)
        .order_by("resource__type", "reason", "resource__fhir_id")
        .values_list("resource__type", "resource__fhir_id", "reason")[:MOST_LISTED]
    )
    return [Placeless(kind, fhir_id, _reason(reason)) for kind, fhir_id, reason in found]


def _reason(reason: str) -> str:
    """Our own codes in words; what a projector said stands as it is."""
    return str(Unprojected.Reason(reason).label) if reason in Unprojected.Reason.values else reason

"""How the hospitals fare, from what `public` and each hospital's connection say. No patient's data is read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import Error
from django.utils.translation import gettext_lazy as _

from foundation import audit
from foundation.permissions import Viewer
from foundation.tenancy import HospitalRecord, inside, inside_public
from portal.ehr.queries import Freshness, freshness
from tenants.models import Hospital, SchemaState
from tenants.queries import all_hospitals

STATES = {
    "fresh": _("Up to date"),
    "stale": _("Not heard from for days"),
    "failing": _("The last try failed"),
    "never": _("Connected, not read yet"),
    "none": _("Not connected"),
    "unreadable": _("Its database could not be read"),
}


@dataclass(frozen=True, slots=True)
class HospitalRow:
    """One line of the console. `schema_failed` holds the words of a migration that went wrong."""

    hospital: HospitalRecord
    fresh: Freshness | None
    schema_failed: str

    @property
    def status_words(self) -> str:
        return str(dict(Hospital.Status.choices).get(self.hospital.status, self.hospital.status))

    @property
    def fresh_words(self) -> str:
        state = self.fresh.state if self.fresh else "unreadable"
        return str(STATES.get(state, STATES["unreadable"]))

    @property
    def needs_a_look(self) -> bool:
        stale = self.fresh is not None and self.fresh.state in {"stale", "failing"}
        return bool(self.schema_failed) or stale or self.hospital.status == "suspended"


def hospital_rows(viewer: Viewer) -> list[HospitalRow]:
    """Every hospital, those that need a look first."""
    with inside_public():
        failed = dict(SchemaState.objects.filter(state=SchemaState.State.FAILED).values_list("schema_name", "error"))
    rows = [HospitalRow(one, _fresh(one), failed.get(one.schema_name, "")) for one in all_hospitals()]
    audit.record("console.hospitals_listed", by=viewer.actor, count=len(rows))
    return sorted(rows, key=lambda row: (not row.needs_a_look, row.hospital.slug))


def _fresh(hospital: HospitalRecord) -> Freshness | None:
    """A hospital whose schema cannot be read must not hide the others."""
    try:
        with inside(hospital):
            return freshness()
    except Error:
        return None

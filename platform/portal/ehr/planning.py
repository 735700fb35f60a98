"""Which patients a run visits, and what it asks for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from portal.access.erased import ErasedFrom
from portal.ehr.connector import EHRConnector
from portal.ehr.errors import ConnectorError
from portal.ehr.fetching import Asked
from portal.ehr.models import Connection, PatientProgress, SyncRun
from portal.ehr.values import Changed, Received

OVERLAP = timedelta(minutes=5)
Mode = SyncRun.Mode


def overlapped(moment: str) -> str:
    """Five minutes before an instant of the source's clock; "" stays "", and so does what is no instant."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return ""
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return (aware - OVERLAP).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Plan:
    """A run's patients, read from the source as it goes. `as_of` is the source's clock when the plan was begun."""

    connection: Connection
    connector: EHRConnector
    run: SyncRun
    only: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    listed: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    cut_short: str = ""
    progress: dict[str, PatientProgress] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Asked]:
        self.kinds = self.connector.kinds()
        self.progress = {row.fhir_id: row for row in PatientProgress.objects.filter(connection=self.connection)}
        changed = self._changed() if self.run.mode == Mode.CHANGES else None
        erased = ErasedFrom(self.connection.id)
        for body in self._people(changed):
            if body.fhir_id in erased:
                continue
            progress = self.progress.get(body.fhir_id)
            if progress and progress.run == self.run.id:
                continue
            asked = self._asked(body, progress, changed)
            if asked.kinds or progress is None or (changed and body.fhir_id in changed.by_kind.get("Patient", ())):
                yield asked

    def _changed(self) -> Changed | None:
        """What a source can say at once; None where every patient must be asked."""
        since = overlapped(self.connection.changes_from)
        if not since:
            return None
        changed = self.connector.changed_patients(self.kinds, since)
        self._begin(changed.as_of)
        return changed if "Patient" in changed.by_kind else None

    def _begin(self, as_of: str) -> None:
        if as_of and not self.run.as_of:
            self.run.as_of = as_of
            self.run.save(update_fields=["as_of"])

    def _people(self, changed: Changed | None) -> Iterator[Received]:
        if self.only:
            yield from self._found(self.only)
        elif changed is None or self.kinds != tuple(k for k in self.kinds if k in changed.by_kind):
            yield from self._listing()
        else:
            ids = set().union(*changed.by_kind.values()) | self._unfinished()
            yield from self._found(sorted(ids & (self.progress.keys() | changed.by_kind["Patient"])))

    def _found(self, ids: Iterable[str]) -> Iterator[Received]:
        for fhir_id in ids:
            body = self.connector.find_patient(fhir_id)
            if body is None:
                self.unknown.append(fhir_id)
            else:
                yield body

    def _listing(self) -> Iterator[Received]:
        """All patients. Kept in hand before the first is stored: pages of a server shift while they are read.

        Where the list breaks off, those on it are visited, and nobody is believed to be absent.
        """
        everybody: dict[str, Received] = {}
        try:
            for page in self.connector.patients():
                self._begin(page.as_of)
                everybody |= {body.fhir_id: body for body in page.patients}
        except ConnectorError as error:
            if not everybody:
                raise
            self.cut_short = error.fault.value
        self.listed = set(everybody)
        self.run.patients_total = len(everybody)
        yield from everybody.values()

    def _unfinished(self) -> set[str]:
        """Patients for whom something could not be read the last time."""
        return {fhir_id for fhir_id, row in self.progress.items() if row.missing}

    def _asked(self, body: Received, progress: PatientProgress | None, changed: Changed | None) -> Asked:
        if progress is None:
            return Asked(body, dict.fromkeys(self.kinds, ""))
        if self.run.mode in {Mode.FULL, Mode.CHOSEN}:
            return Asked(body, dict.fromkeys(self.kinds, ""), progress=progress)
        since: Mapping[str, str] = {kind: overlapped(progress.since.get(kind, "")) for kind in self.kinds}
        if changed is not None:
            since = {
                kind: moment for kind, moment in since.items() if self._worth(kind, body.fhir_id, progress, changed)
            }
        return Asked(body, since, compare=self.run.mode == Mode.COMPARE, progress=progress)

    def _worth(self, kind: str, fhir_id: str, progress: PatientProgress, changed: Changed) -> bool:
        return kind not in changed.by_kind or fhir_id in changed.by_kind[kind] or kind in progress.missing

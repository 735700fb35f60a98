"""The port to an EHR, in the portal's words. FHIR R4 resources are the one language across it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from portal.ehr.values import Ability, Changed, Content, Finding, Kind, Listing, PatientKey, Received


class EHRConnector(Protocol):
    """One EHR of one hospital. Made for a run or a request, closed after it. Touches no database.

    Every method raises ConnectorError where the source cannot be used at all. `changes_since` does not raise for a
    kind that cannot be read: it says so in the Kind, so that the others go on.
    """

    @property
    def abilities(self) -> frozenset[Ability]: ...

    @property
    def learned(self) -> dict[str, Any]:
        """What was found out about this source and should be remembered between runs. JSON."""
        ...

    def check(self) -> Iterator[Finding]:
        """Tries what a synchronisation needs, read-only, step by step, and stops at the first fault."""
        ...

    def kinds(self) -> tuple[str, ...]:
        """The kinds of resource of a patient's record that this source offers."""
        ...

    def patients(self) -> Iterator[Listing]:
        """All patients, in pages."""
        ...

    def find_patient(self, fhir_id: str) -> Received | None:
        """One patient, or None where the source says that there is none (any more)."""
        ...

    def changes_since(self, patient: PatientKey, kind: str, since: str = "") -> Kind:
        """A patient's resources of one kind that changed at or after `since` on the source's clock; all without it."""
        ...

    def changed_patients(self, kinds: Iterable[str], since: str) -> Changed:
        """Whose records changed since then, for sources that can say so in one question a kind."""
        ...

    def present_ids(self, patient: PatientKey, kind: str) -> frozenset[str] | None:
        """Every id of this kind that the patient has at the source now; None where that cannot be said for sure."""
        ...

    def read_many(self, kind: str, ids: Iterable[str]) -> list[Received]:
        """Resources by id, those that exist."""
        ...

    def content(self, url: str, *, limit: int) -> Content:
        """The bytes behind an attachment's address at this source."""
        ...

    def close(self) -> None: ...

"""Whatever the order in which things happen and arrive, the end is the same (R5)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection
from portal.ehr.sync import synchronise
from tests.portal.ehr.charts import condition, patient, result
from tests.portal.ehr.conftest import BY, Recorder, everything

STEPS: list[Any] = [
    lambda ehr: ehr.put(result("r1", "p0", value=1.0)),
    lambda ehr: ehr.put(result("r1", "p0", value=2.0, status="corrected")),
    lambda ehr: ehr.put(result("r1", "p1", value=2.0)),
    lambda ehr: ehr.put(result("r2", "p1", status="entered-in-error")),
    lambda ehr: ehr.put(result("r2", "p1")),
    lambda ehr: ehr.delete("Observation", "r1"),
    lambda ehr: ehr.put(condition("c", "p0")),
    lambda ehr: ehr.delete("Condition", "c"),
    lambda ehr: ehr.put(patient("p1", family="Renamed")),
]


@given(
    order=st.lists(st.sampled_from(range(len(STEPS))), max_size=12),
    runs=st.lists(st.booleans(), min_size=12, max_size=12),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_increments_after_any_history_end_as_one_full_reading(
    connected: Connection, ehr: MemoryEHR, recorder: Recorder, order: list[int], runs: list[bool]
) -> None:
    """Synchronised now and then on the way, and at the end in full, the pages show what the EHR holds."""
    del connected
    with transaction.atomic():
        ehr.resources.clear()
        recorder.shown.clear()
        ehr.put_all([patient("p0"), patient("p1")])
        for step, also in zip(order, runs, strict=False):
            STEPS[step](ehr)
            if also:
                synchronise(by=BY)
        synchronise(by=BY, full=True)
        expected = {key: body for key, body in ehr.resources.items() if body.get("status") != "entered-in-error"}
        assert recorder.shown.keys() == expected.keys()
        held = {(row[0], row[1]): row[2] for row in everything()["mirror"] if not row[5]}
        assert held.keys() == ehr.resources.keys()
        for key, owner in held.items():
            told = ehr.resources[key].get("subject", {}).get("reference", f"Patient/{key[1]}")
            assert told == f"Patient/{owner}"
        transaction.set_rollback(True)

"""Alice's chart, as the tests of records have it."""

from tests.portal.records.conftest import alice, ehr

__all__ = ["alice", "ehr"]

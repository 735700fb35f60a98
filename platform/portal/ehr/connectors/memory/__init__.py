"""An EHR in this process's memory: it powers tests and demos, and keeps the port honest.

`MemoryEHR.at("memory://name")` is the store; a connector with that base address reads it.
"""

from portal.ehr.connectors.memory.connector import MemoryConnector
from portal.ehr.connectors.memory.store import MemoryEHR
from portal.ehr.registry import Access

__all__ = ["MemoryEHR", "open_connector"]


def open_connector(access: Access) -> MemoryConnector:
    return MemoryConnector(MemoryEHR.at(access.base_url))

"""Opening the connector of a connection."""

from __future__ import annotations

from foundation.crypto import KeysAway, Sealed
from foundation.tenancy import current_schema
from portal.ehr.connector import EHRConnector
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.models import Connection
from portal.ehr.registry import opener


def open_connector(connected: Connection) -> EHRConnector:
    """Raises ConnectorError: SECRET where the connection's secret does not open in this hospital, KEYS_AWAY where the
    key store does not answer."""
    try:
        return opener(connected.kind)(connected.access(current_schema()))
    except Sealed as error:
        raise ConnectorError(Fault.SECRET, permanent=True) from error
    except KeysAway as error:
        raise ConnectorError(Fault.KEYS_AWAY) from error

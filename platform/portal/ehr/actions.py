"""Setting a connection up, and asking for a synchronisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.actions import about, action
from foundation.audit import Actor
from foundation.clock import uuid7
from foundation.tenancy import current_hospital
from portal.ehr.errors import NoConnection
from portal.ehr.models import Connection
from portal.ehr.queries import active_connection


@action(event="connection.stored")
def store_connection(
    *,
    by: Actor,
    kind: str,
    base_url: str,
    settings: Mapping[str, Any],
    secret: str = "",
    allow_networks: tuple[str, ...] = (),
    same_system: bool = True,
) -> Connection:
    """Stores how the hospital's EHR is reached. The secret is sealed.

    `same_system` false says that another EHR stands at this address: its ids mean other people, so the connection
    there was is retired, with all it brought, and a new one begins.
    """
    connected = active_connection()
    if connected is not None and not same_system:
        connected.status = Connection.Status.RETIRED
        connected.save(update_fields=["status"])
        connected = None
    connected = connected or Connection(id=uuid7())
    connected.kind, connected.base_url = kind, base_url.rstrip("/")
    connected.settings, connected.allow_networks = dict(settings), list(allow_networks)
    connected.learned, connected.last_fault = {}, ""
    if connected.status == Connection.Status.FAILING:
        connected.status = Connection.Status.WORKING if connected.last_success_at else Connection.Status.READY
    connected.seal(secret)
    connected.save()
    about(target=("connection", str(connected.id)))
    return connected


@action(event="sync.asked")
def ask_for_sync(*, by: Actor, full: bool = False) -> None:
    """Queues a synchronisation of the hospital in which we stand. Raises NoConnection."""
    from portal.ehr.tasks import sync_connection

    connected = active_connection()
    if connected is None:
        raise NoConnection
    sync_connection.send(current_hospital(), asked=True, full=full)
    about(target=("connection", str(connected.id)))

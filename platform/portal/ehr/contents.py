"""The bytes of a patient's documents: fetched from the source when somebody opens one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from foundation.audit import Actor, record
from foundation.errors import NotFound, Unavailable
from foundation.logs import get_logger
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.models import Connection, Resource
from portal.ehr.opening import open_connector
from portal.ehr.payload import decode
from portal.ehr.values import Content

log = get_logger(__name__)
MAX_BYTES = 25 * 1024 * 1024


def resource_body(resource_id: UUID, patient_id: UUID) -> dict[str, Any] | None:
    """A resource as it came, if it is this patient's; None otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body::text FROM ehr_resource WHERE id = %s AND patient_id = %s", [resource_id, patient_id]
        )
        row = cursor.fetchone()
    body = decode(row[0]) if row else None
    return body if isinstance(body, dict) else None


def attachment_content(resource_id: UUID, patient_id: UUID, url: str, *, by: Actor) -> Content:
    """What stands behind an address in a resource of this patient's.

    The address must stand in the mirror's own copy, so that no page can be made to fetch something else. Raises
    NotFound, and Unavailable where the source cannot be asked now.
    """
    body = resource_body(resource_id, patient_id)
    if body is None or not url or url not in _addresses(body):
        raise NotFound
    of_this_patient = Resource.objects.filter(id=resource_id, patient_id=patient_id)
    held = of_this_patient.values_list("connection_id", flat=True).first()
    connected = active(held) if held else None
    if connected is None:
        raise Unavailable
    record("document.fetched", by=by, patient_id=patient_id, target=("resource", str(resource_id)))
    try:
        connector = open_connector(connected)
        try:
            return connector.content(url, limit=MAX_BYTES)
        finally:
            connector.close()
    except ConnectorError as error:
        log.warning("ehr.content_failed", code=error.fault.value, status=error.status)
        raise (NotFound if error.fault is Fault.NOT_FOUND else Unavailable) from error


def active(connection_id: UUID) -> Connection | None:
    return Connection.objects.exclude(status=Connection.Status.RETIRED).filter(id=connection_id).first()


def _addresses(value: Any) -> set[str]:
    """Every `url` in a body, at any depth."""
    if isinstance(value, list):
        return set().union(*map(_addresses, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["url"]} if isinstance(value.get("url"), str) else set()
    return own.union(*map(_addresses, value.values()))

"""The tables: the connection, the mirror of what it sent, and the story of each synchronisation."""

from portal.ehr.models.connection import Connection
from portal.ehr.models.mirror import Resource, ResourceHistory, Unprojected
from portal.ehr.models.runs import PatientProgress, SyncRun

__all__ = ["Connection", "PatientProgress", "Resource", "ResourceHistory", "SyncRun", "Unprojected"]

"""Which errors say that the database cannot be used right now, though nothing is wrong with what was asked."""

from django.db import InternalError, OperationalError
from psycopg import errors


def database_is_shut(error: BaseException | None) -> bool:
    """It does not answer, is being started or stopped, or lets nobody write, as after a failover (R10, R11)."""
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, errors.ReadOnlySqlTransaction)
    waits = (errors.QueryCanceled, errors.LockNotAvailable, errors.DeadlockDetected)
    return isinstance(error, OperationalError) and not isinstance(error.__cause__, waits)

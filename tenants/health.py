"""What /readyz asks: database, broker, migrations."""

import time

import redis
from django.db import Error

from foundation.logs import get_logger
from tenants.hosts import broker
from tenants.migrating import is_current

log = get_logger(__name__)
_migrated_at: list[float] = []
AGAIN = 10.0


def ready() -> bool:
    """Whether this process can serve. A good answer about the migrations is kept for ten seconds."""
    try:
        broker().ping()
        if _migrated_at and time.monotonic() - _migrated_at[0] < AGAIN:
            return _database_answers()
        if not is_current():
            return False
    except (Error, redis.RedisError) as problem:
        log.warning("not_ready", error=type(problem).__name__)
        return False
    _migrated_at[:] = [time.monotonic()]
    return True


def _database_answers() -> bool:
    from django.db import connection

    from foundation.tenancy import inside_public

    with inside_public(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))

"""Addresses in one line, as environments hold them, in the forms that Django and Celery want."""

from urllib.parse import parse_qsl, unquote, urlsplit


def database(url: str) -> dict[str, object]:
    """postgresql://user:password@host:port/name?host=/socket/folder as Django's settings."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "foundation.database",
        "NAME": unquote(parts.path.lstrip("/")) or "portico",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {**query, "application_name": "portico"},
        # A backend remembers every schema it has served: it is renewed now and then (docs/adr/0002).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def redis_for_django(url: str) -> str:
    """Celery writes redis+socket:///path, redis-py unix:///path."""
    return url.replace("redis+socket://", "unix://", 1)


def redis_for_celery(url: str) -> str:
    return url.replace("unix://", "redis+socket://", 1)

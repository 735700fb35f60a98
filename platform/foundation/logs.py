"""Structured logs without health data: JSON lines, and only fields that are on a list (S64).

What is not on the list is dropped and counted in `dropped`, so that a name or a value cannot slip in by a new call.
Exceptions are logged by type and place, never by message: messages quote data.
"""

import sys
import threading
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson
import structlog
from django.core.exceptions import ImproperlyConfigured

ALLOWED = frozenset({
    "event", "level", "at", "logger", "request_id", "hospital", "method", "route", "status", "ms", "queries", "task",
    "run", "connection", "count", "read", "changed", "gone", "kept", "rejected", "attempt", "wait", "code", "kind",
    "resource_type", "schema",
    "command", "error", "where", "pid", "worker", "bytes", "host_known", "user_id", "patients",
    "outcome", "state", "seconds", "export", "part", "parts", "dropped", "failed", "job",
    "url_host", "readers",
})  # fmt: skip

request_id: ContextVar[str] = ContextVar("portico_request_id", default="")
hospital_slug: ContextVar[str] = ContextVar("portico_hospital", default="")


def get_logger(name: str) -> Any:
    return structlog.stdlib.get_logger(name)


def _keep_allowed(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    extra = [key for key in fields if key not in ALLOWED and not key.startswith("_") and key != "exc_info"]
    for key in extra:
        del fields[key]
    if extra:
        fields["dropped"] = len(extra)
    return fields


def _where(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if request_id.get():
        fields["request_id"] = request_id.get()
    if hospital_slug.get():
        fields["hospital"] = hospital_slug.get()
    return fields


def _error(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    raised = fields.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        fields["error"] = type(error).__name__
        fields["where"] = [f"{f.filename.rsplit('/', 2)[-1]}:{f.lineno}:{f.name}" for f in frames]
    return fields


def _one_line(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> str:
    return orjson.dumps(dict(fields), default=str).decode()


def _foreign_message(_logger: Any, _name: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's own message may quote anything: keep what it is about (its logger), not its words."""
    entry = fields.get("_record")
    if entry is not None and fields.get("_from_structlog") is False:
        fields["event"] = f"library.{entry.levelname.lower()}"
        if entry.exc_info:
            fields["exc_info"] = entry.exc_info
    return fields


PROCESSORS: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.stdlib.ExtraAdder(allow=ALLOWED),
    _foreign_message,
    _where,
    _error,
    _keep_allowed,
]


def _say_where_alone(error: BaseException, event: str) -> None:
    """The last line of a process or a thread that nobody caught: Python's own would quote the error's words."""
    fields: dict[str, Any] = {"event": event, "level": "critical", "at": datetime.now(UTC).isoformat()}  # noqa: TID251  (a real time, also where a test stops the clock)
    line = _error(None, "", _where(None, "", {**fields, "exc_info": error}))
    sys.stderr.write(_one_line(None, "", line) + "\n")


def _of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Wrong settings, an interruption and somebody at a prompt get Python's own words."""
    if issubclass(kind, ImproperlyConfigured) or not issubclass(kind, Exception) or hasattr(sys, "ps1"):
        sys.__excepthook__(kind, error, trace)
    else:
        _say_where_alone(error, "process.failed")


def quiet_last_words() -> None:
    """Uncaught errors of commands, threads and finalisers are told by type and place as well (S64)."""
    sys.excepthook = _of_process
    threading.excepthook = lambda args: _say_where_alone(args.exc_value or SystemExit(), "thread.failed")
    sys.unraisablehook = lambda args: _say_where_alone(args.exc_value or SystemExit(), "error.ignored")


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING: every logger, ours and the libraries', through the same sieve to standard output."""
    quiet_last_words()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "processors": [*PROCESSORS, structlog.stdlib.ProcessorFormatter.remove_processors_meta, _one_line],
    }
    quiet = ("django.request", "django.security", "httpx", "httpcore", "weasyprint", "fontTools", "celery.app.trace")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
        "root": {"handlers": ["out"], "level": level},
        # Naming a logger takes away the handlers that Django gives it: one would mail whole tracebacks to ADMINS.
        "loggers": {name: {"level": "ERROR"} for name in quiet}
        | {"django": {"level": "INFO"}}
        | {"django.server": {"level": "ERROR"}},
    }

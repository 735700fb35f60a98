"""Asking the application in this process, through the same WSGI handler as the web server, and counting statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any

import psycopg
from django.core.handlers.wsgi import WSGIHandler

_handlers: list[WSGIHandler] = []


@dataclass(slots=True)
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def get(host: str, address: str, cookies: str = "") -> Answer:
    """GET, as granian would hand it in."""
    if not _handlers:
        _handlers.append(WSGIHandler())
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": host, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host, "HTTP_COOKIE": cookies, "HTTP_ACCEPT_LANGUAGE": "en",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "wsgi.errors": BytesIO(),
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    answer = Answer()
    parts = _handlers[0](environ, partial(_start, answer))
    try:
        answer.body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    return answer


def forget() -> None:
    """The next request gets a handler of its own."""
    _handlers.clear()


def _start(answer: Answer, status: str, headers: list[tuple[str, str]], *_rest: Any) -> Callable[[bytes], object]:
    answer.status = int(status.split(" ")[0])
    answer.headers = dict(headers)
    return answer.body.__add__  # WSGI's write(), which Django does not use


@contextmanager
def statements() -> Iterator[list[str]]:
    """What goes to PostgreSQL while this is open: everything but BEGIN and COMMIT, the driver's own included."""
    seen: list[str] = []
    original = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(query))
        return original(cursor, query, *args, **kwargs)

    psycopg.Cursor.execute = noting  # type: ignore[method-assign, assignment]
    try:
        yield seen
    finally:
        psycopg.Cursor.execute = original  # type: ignore[method-assign]

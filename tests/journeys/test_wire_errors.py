"""Over a real socket: what the web server itself answers to nonsense tells no version.

What reaches the portal names no program either. A request that the web server itself turns away bears its bare name.
"""

from __future__ import annotations

import re
import socket

import pytest

from tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TELLTALES = re.compile(
    rb"granian/|hyper|tokio|rust|python|django|wsgi|werkzeug|whitenoise|Traceback|panicked|/work/|site-packages|"
    rb"^(x-powered-by|via):|^server: (?!portico\r|granian\r)",
    re.IGNORECASE | re.MULTILINE,
)
HOSTS = ("mercy.localhost", "riverside.localhost", "localhost", "nobody.localhost")
NONSENSE = {
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "words": b"HELLO\r\n\r\n",
    "a version that is none": b"GET / HTTP/9.9\r\nHost: mercy.localhost\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: mercy.localhost\r\nHost: riverside.localhost\r\nConnection: close\r\n\r\n",
    "two lengths":
    b"POST /sign-in/ HTTP/1.1\r\nHost: mercy.localhost\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nabcde",
    "length and chunks": b"POST /sign-in/ HTTP/1.1\r\nHost: mercy.localhost\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
    "a chunk that is none":
    b"POST /sign-in/ HTTP/1.1\r\nHost: mercy.localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: mercy.localhost\r\nX-Long: " + b"a" * 500_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: mercy.localhost\r\n" + b"X-Many: 1\r\n" * 2_000 + b"\r\n",
    "a long address": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: mercy.localhost\r\nConnection: close\r\n\r\n",
    "odd bytes": b"GET /\xff\xfe%00%ff HTTP/1.1\r\nHost: mercy.localhost\r\nConnection: close\r\n\r\n",
    "a method of nobody's": b"BREW / HTTP/1.1\r\nHost: mercy.localhost\r\nConnection: close\r\n\r\n",
    "trace": b"TRACE / HTTP/1.1\r\nHost: mercy.localhost\r\nCookie: a=CANARY\r\nConnection: close\r\n\r\n",
    "a way through": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: mercy.localhost\r\nConnection: close\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an upgrade": b"GET / HTTP/1.1\r\nHost: mercy.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "an address of another": b"GET http://riverside.localhost/sign-in/ HTTP/1.1\r\nHost: mercy.localhost\r\n"
    b"Connection: close\r\n\r\n",
}  # fmt: skip


def said(portal: Portal, request: bytes) -> bytes:
    """Everything that comes back until the server closes or falls silent."""
    answer = b""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=5) as wire:
        try:
            wire.sendall(request)
            while got := wire.recv(65_536):
                answer += got
        except (TimeoutError, ConnectionError):
            pass
    return answer


@pytest.mark.security("S74")
@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_on_the_wire_is_answered_without_a_word_about_the_server(portal: Portal, name: str) -> None:
    answer = said(portal, NONSENSE[name])
    assert not TELLTALES.search(answer), TELLTALES.search(answer)
    assert b"CANARY" not in answer
    if name in {"two hosts", "an address of another"}:
        assert b"Riverside" not in answer


@pytest.mark.security("S74")
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/nowhere/", "/sign-in/", "/static/nothing.css", "/livez", "/records/"])
def test_no_header_names_a_program_on_any_host(portal: Portal, host: str, path: str) -> None:
    answer = said(portal, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    headers = answer.partition(b"\r\n\r\n")[0]
    assert answer.startswith(b"HTTP/1.1 ")
    assert not TELLTALES.search(headers), TELLTALES.search(headers)
    assert headers.lower().count(b"\r\nserver: ") == headers.lower().count(b"\r\nserver: portico") == 1


@pytest.mark.security("S74")
def test_a_body_that_is_too_large_gets_a_page(portal: Portal) -> None:
    body = b"username=" + b"a" * 3_000_000
    head = f"POST /sign-in/ HTTP/1.1\r\nHost: mercy.localhost\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    answer = said(portal, head.encode() + body)
    assert answer.startswith(b"HTTP/1.1 4")
    assert not TELLTALES.search(answer.partition(b"\r\n\r\n")[0])
    assert b"Mercy General Hospital" in answer

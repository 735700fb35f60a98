"""Looks at the wall around one hospital from outside, over HTTP, as a stranger and with the other hospital's cookies.

It reads only, and may look at a live deployment: nobody is signed in, nothing is sent but requests for pages, each of
them marked as background. What the database says of the wall is `tenants.walls` (`manage.py hospital check-walls`).
Requests go to our own front door, under a host of our choice and with headers that no client library would send: that
is why they do not leave through `foundation.outbound`.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse

from foundation import audit
from foundation.audit import Actor
from foundation.permissions import access_of, walk
from foundation.tenancy import inside_public
from tenants.walls import Finding

SECONDS = 10.0
MOST = 2_000_000
NOBODY = "nobody-of-ours.invalid"
OTHERS = ("X-Forwarded-Host", "X-Original-Host", "X-Host", "X-Forwarded-Server", "X-HTTP-Host-Override")
SEEN_AS = re.compile(rb"/theme/[0-9a-f]{12}\.css|/brand/logo\.svg\?v=[0-9a-f]+")
WANTED = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, headers by their names in lower case. `status` is 0 where nothing was answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the deployment answers, such as https://127.0.0.1:8443, whatever hosts it serves."""

    base_url: str

    def ask(self, host: str, path: str, *lines: str, asked: str = "") -> Answer:
        """One GET under this host. `lines` are further header lines; `asked` stands in the first line for the path."""
        head = [f"GET {asked or path} HTTP/1.1", f"Host: {host}", "User-Agent: Portico walls", "Connection: close",
                "Accept: text/html", "X-Portico-Background: 1", *lines]  # fmt: skip
        try:
            with closing(self._connected(host)) as wire:
                wire.sendall("\r\n".join([*head, "", ""]).encode("latin-1"))
                return _read(wire)
        except (OSError, HTTPException):
            return Answer()

    def _connected(self, host: str) -> socket.socket:
        at = urlsplit(self.base_url)
        tls = at.scheme == "https"
        wire = socket.create_connection((at.hostname or "", at.port or (443 if tls else 80)), timeout=SECONDS)
        return ssl.create_default_context().wrap_socket(wire, server_hostname=host) if tls else wire


def _read(wire: socket.socket) -> Answer:
    response = HTTPResponse(wire)
    response.begin()
    content = response.read(MOST)
    cookies = tuple(value.partition(";")[0] for value in response.headers.get_all("Set-Cookie") or ())
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, cookies, content)


def look_at(base_url: str, host: str, other_host: str, *, by: Actor, session: str = "") -> list[Finding]:
    """Every finding about the wall between these two hospitals, seen from `host`.

    `session` is a session's cookie ("name=value") of a test account of the other hospital, where there is one: it must
    be worth nothing here. Leaves one event in `public`.
    """
    door = Door(base_url.rstrip("/"))
    own, other = _marks(door, host), _marks(door, other_host)
    findings = [
        Finding("Both hosts are served, and look different", bool(own and other) and not own & other, "they are not"),
        *_headers(door, host),
        *_routes(door, host, other, other_host),
        *_hosts(door, host, other_host, own, other),
        *_files(door, host, other),
        *_cookies(door, host, other_host, session),
    ]
    with inside_public():
        failed = sum(not one.holds for one in findings)
        audit.record("console.walls_looked_at", by=by, target=("host", host), reason=f"{failed} failed",
                     count=len(findings))  # fmt: skip
    return findings


def _sign_in() -> str:
    return reverse(settings.LOGIN_URL, urlconf=settings.ROOT_URLCONF)


def _marks(door: Door, host: str) -> set[bytes]:
    """By what pages of this host can be told from another's: the names of its style sheet and its logo."""
    page = door.ask(host, _sign_in())
    return set(SEEN_AS.findall(page.content)) if page.status == 200 else set()


def _is_of(answer: Answer, marks: set[bytes], host: str) -> bool:
    said = answer.content + " ".join(answer.headers.values()).encode()
    return any(mark in said for mark in marks) or host.encode() in said


def _headers(door: Door, host: str) -> Iterator[Finding]:
    answer = door.ask(host, _sign_in())
    for name, value in WANTED.items():
        found = answer.headers.get(name.lower(), "")
        yield Finding(f"{name} says {value}", value in found, found)


def _routes(door: Door, host: str, other: set[bytes], other_host: str) -> Iterator[Finding]:
    """Every route: those behind sign-in send a stranger there, none fails, none shows the other hospital."""
    failing, open_, kept, foreign = [], [], [], []
    for pattern, path in _addresses():
        answer = door.ask(host, path)
        access = access_of(pattern.callback)
        name = str(pattern.name)
        if answer.status == 0 or answer.status >= 500:
            failing.append(name)
        if _is_of(answer, other, other_host):
            foreign.append(name)
        if access is None or access.kind != "all":
            if answer.status != 302 or not answer.headers.get("location", "").startswith(_sign_in()):
                open_.append(name)
            if "no-store" not in answer.headers.get("cache-control", ""):
                kept.append(name)
    yield Finding("No page fails", not failing, ", ".join(failing))
    yield Finding("Pages behind sign-in send a stranger to sign in", not open_, ", ".join(open_))
    yield Finding("Pages behind sign-in are kept by no browser", not kept, ", ".join(kept))
    yield Finding("No page shows anything of the other hospital", not foreign, ", ".join(foreign))


def _addresses() -> Iterator[tuple[URLPattern, str]]:
    """Each named route once; where it takes something, something that belongs to nobody."""
    urlconf = settings.ROOT_URLCONF
    names = {id(p.callback): name for name, p in _named(urlconf)}
    for name, pattern in _named(urlconf):
        if names[id(pattern.callback)] != name:
            continue
        kinds = pattern.pattern.converters
        given = {key: {"UUIDConverter": uuid4(), "IntConverter": 0}.get(type(kind).__name__, "nothing")
                 for key, kind in kinds.items()}  # fmt: skip
        yield pattern, reverse(name, urlconf=urlconf, kwargs=given)


def _named(urlconf: str) -> Iterator[tuple[str, URLPattern]]:
    resolver = get_resolver(urlconf)
    for entry in resolver.url_patterns:
        space = getattr(entry, "namespace", None)
        for pattern in walk([entry]):
            yield (f"{space}:" if space else "") + str(pattern.name), pattern


def _hosts(door: Door, host: str, other_host: str, own: set[bytes], other: set[bytes]) -> Iterator[Finding]:
    """The Host header alone decides, and it is one plain name."""
    path = _sign_in()
    for name in OTHERS:
        answer = door.ask(host, path, f"{name}: {other_host}")
        holds = _is_of(answer, own, host) and not _is_of(answer, other, other_host)
        yield Finding(f"{name} chooses nothing", holds, str(answer.status))
    answer = door.ask(host, path, f"Forwarded: host={other_host}")
    yield Finding("Forwarded chooses nothing", not _is_of(answer, other, other_host), str(answer.status))
    answer = door.ask(host, path, f"Host: {other_host}")
    yield Finding("Two hosts do not open the second", not _is_of(answer, other, other_host), str(answer.status))
    answer = door.ask(host, path, asked=f"http://{other_host}{path}")
    shown = _is_of(answer, other, other_host)
    yield Finding("An address with another host opens nothing of it", not shown, str(answer.status))
    answer = door.ask(NOBODY, path)
    nobodys = answer.status in {0, 400, 404, 421} and not _is_of(answer, own | other, host)
    yield Finding("A host of nobody's is answered with nobody's page", nobodys, str(answer.status))


def _files(door: Door, host: str, other: set[bytes]) -> Iterator[Finding]:
    sheets = [mark.decode() for mark in other if mark.startswith(b"/theme/")]
    found = [sheet for sheet in sheets if door.ask(host, sheet).status != 404]
    yield Finding("The other hospital's style sheet is not here", bool(sheets) and not found, ", ".join(found))


def _cookies(door: Door, host: str, other_host: str, session: str) -> Iterator[Finding]:
    """Cookies of the other hospital are a stranger's here."""
    path = _sign_in()
    given = [*door.ask(other_host, path).cookies, *([session] if session else [])]
    home = door.ask(host, "/", f"Cookie: {'; '.join(given)}")
    there = not given or (home.status == 302 and home.headers.get("location", "").startswith(path))
    yield Finding("Cookies of the other hospital sign nobody in", there, str(home.status))

"""What a browser may say of itself and of where it wants to go: hosts, headers, addresses, line breaks."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.logs import logging_settings
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.actions import deactivate_person
from tests.people import PASSWORD

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "https://evil.example", "http:evil.example",
    "\\\\evil.example", "/\\evil.example", "/\\/evil.example", "\t//evil.example", "/\t/evil.example",
    "/\n/evil.example", " //evil.example", "javascript:alert(1)", "data:text/html,x", "https:/evil.example",
    "/\x00/evil.example", "//evil.example/\r\nX-Evil: 1", "http://mercy.localhost@evil.example/", "http://mercy.localhost.evil.example/",
    "//mercy.localhost:80@evil.example", "/%0d%0aX-Evil:1", "evil.example", "//[evil", "http://riverside.localhost/",
]  # fmt: skip


def here(location: str) -> bool:
    """Whether a browser that follows this stays at this host."""
    plain = location.replace("\t", "").replace("\n", "").replace("\r", "").strip().replace("\\", "/")
    return plain.startswith("/") and not plain.startswith("//")


@pytest.mark.security("S3")
@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_address_in_next_leads_elsewhere(
    mercy: HospitalRecord, client_for: Browsers, person: People, target: str
) -> None:
    user = person(mercy, "alice")
    signed_in = client_for(mercy, user)
    answers = [
        signed_in.get("/sign-in/", {"next": target}),
        signed_in.post("/language/", {"next": target, "language": "es"}),
        client_for(mercy).post("/language/", {"next": target, "language": "es"}),
        client_for(mercy).post(f"/sign-in/?next={target}", {"username": "alice", "password": PASSWORD, "next": target}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        if "Location" in answer.headers:
            assert here(answer.headers["Location"]), answer.headers["Location"]
        assert "X-Evil" not in answer.headers
    for address in ("/language/", "/account/confirm/"):
        page = signed_in.get(address, {"next": target})
        assert page.status_code == 200
        assert b'href="//evil' not in page.content
        assert b'href="https://evil' not in page.content


@pytest.mark.security("S3")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("mercy.localhost", 200), ("MERCY.LOCALHOST", 200), ("mercy.localhost.", 200), ("mercy.localhost:8000", 200),
        ("mercy.localhost,riverside.localhost", 404), ("mercy.localhost riverside.localhost", 404),
        ("mercy.localhost:x", 404), ("riverside.localhost@mercy.localhost", 404), ("mercy.localhost/riverside", 404),
        ("mercy.localhost#", 404), ("mercy.localhost\r\nX: y", 404), ("mercy.localhost\x00", 404),
        ("mercy..localhost", 404), ("[::1]", 404),
        (".mercy.localhost", 404), ("mercy.localhost..", 404), ("mercy%2elocalhost", 404), ("ｍercy.localhost", 404),
        ("m" * 5000, 404), ("-mercy.localhost", 404), ("mercy.localhost:80:80", 404), ("*", 404),
    ],
)  # fmt: skip
def test_a_host_is_one_plain_name_or_nobodys(mercy: HospitalRecord, host: str, status: int) -> None:
    answer = Client(HTTP_HOST=host).get("/sign-in/")
    assert answer.status_code == status
    if status == 404:
        assert b"Mercy" not in answer.content


@pytest.mark.security("S64")
def test_no_header_or_field_breaks_a_log_line_or_an_event(mercy: HospitalRecord, settings: LazySettings) -> None:
    settings.PORTICO_BEHIND_PROXY = True
    evil = 'alice\r\n{"event":"sign_in.succeeded"}\u2028\x1b[2J'
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(ProcessorFormatter(processors=logging_settings("INFO")["formatters"]["json"]["processors"]))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        Client(SERVER_NAME=mercy.host).post(
            "/sign-in/", {"username": evil, "password": evil}, headers={
                "User-Agent": "CANARY-AGENT \u00ff" + "a" * 5000, "X-Request-Id": "abcdefgh\nX",
                "X-Forwarded-For": "1.2.3.4, evil", "Accept-Language": "x" * 5000, "Referer": "http://evil.example/CANARY-REFERER",
            },
        )  # fmt: skip
        Client(SERVER_NAME=mercy.host).get("/link/CANARY-TOKEN/", {"q": "CANARY-QUERY"})
    finally:
        root.removeHandler(handler)
    lines = out.getvalue().splitlines()
    assert len(lines) >= 2
    for line in lines:
        said = json.loads(line)
        assert said.get("event") != "sign_in.succeeded"
        assert "\n" not in str(said.get("request_id", ""))
    assert "CANARY" not in out.getvalue()
    assert "alice" not in out.getvalue()
    with inside(mercy):
        event = AuditEvent.objects.filter(kind="sign_in.failed").get()
    assert event.address is None
    assert len(event.agent) <= 200
    assert "alice" not in f"{event.reason}{event.target_id}{event.actor_name}"


@pytest.mark.security("S40")
def test_a_planted_session_id_is_never_taken_up(mercy: HospitalRecord, person: People, settings: LazySettings) -> None:
    person(mercy, "alice")
    browser = Client(SERVER_NAME=mercy.host)
    for planted in ("a" * 32, "", "x", "../../etc", "\u00e9" * 32, "0" * 5000):
        browser.cookies[settings.SESSION_COOKIE_NAME] = planted
        answer = browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
        assert answer.status_code == 302
        assert answer.cookies[settings.SESSION_COOKIE_NAME].value not in {"", planted}
        assert not answer.cookies[settings.SESSION_COOKIE_NAME]["domain"]


@pytest.mark.security("S42")
def test_known_unknown_closed_and_unfinished_accounts_answer_alike(
    mercy: HospitalRecord, client_for: Browsers, person: People
) -> None:
    person(mercy, "alice", email="alice@example.org")
    person(mercy, "fresh", password=None, totp_secret=None)
    closed = person(mercy, "closed")
    with inside(mercy):
        deactivate_person(by=Actor.command("tests"), user=closed)
    answers: dict[str, set[Any]] = {"/sign-in/": set(), "/password/forgotten/": set()}
    for name in ("alice", "alice@example.org", "fresh", "closed", "nobody", "nobody@example.org"):
        for address, seen in answers.items():
            answer = client_for(mercy).post(address, {"username": name, "password": "not the password"})
            content = answer.content.replace(name.encode(), b"NAME")
            content = content if not content else content.split(b"<main")[1]
            seen.add((answer.status_code, answer.headers.get("Location"), len(content), tuple(sorted(answer.cookies))))
    assert all(len(seen) == 1 for seen in answers.values()), answers

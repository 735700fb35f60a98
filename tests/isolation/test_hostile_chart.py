"""A chart whose every text attacks its reader: markup, line breaks, addresses that run, file names that climb."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from config.demo.charts.bundles import patient_resources
from config.demo.charts.days import Days
from config.demo.charts.places import HOSPITALS, places_of
from config.demo.charts.roster import ROSTERS
from foundation import clock
from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from portal.access.models import Patient
from portal.access.queries import viewer_of_person
from portal.accounts.models import User
from portal.ehr.connectors.memory import MemoryEHR
from portal.ehr.models import Connection
from portal.ehr.sync import synchronise
from portal.records.models import Document
from portal.records.pdf.parts import PARTS, html_of
from tests.isolation.routes import body
from tests.isolation.test_same_hospital import everywhere
from tests.people import make_person

BY = Actor.command("tests")
ADDRESS = "memory://hostile"
MARK = "zqx"
PAYLOAD = (
    f"</title></style></script>'\"><script>{MARK}(1)</script><img src=x onerror={MARK}(2)>"
    f"<svg/onload={MARK}(3)>{{{{ {MARK} }}}}{{% debug %}}%(x)s\r\nX-Evil: {MARK}\r\nBEGIN:VALARM"
    "\u2028\x0b\x1b[31m\u202e"
)
SPOKEN = frozenset({
    "text", "display", "title", "family", "conclusion", "description", "name", "given", "unit", "patientInstruction",
    "valueString", "comment", "note", "start_text", "value_text", "city", "line",
})  # fmt: skip
# The map is told the hospital's name alone.
OURS = re.compile(
    r"(/(?!/)|#|\?|tel:|data:image/svg|https://www\.openstreetmap\.org/search\?query=mercy\+general\+hospital\Z|\Z)"
)
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def hostile(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: hostile(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v, key) for v in value]
    return f"{PAYLOAD}{value}{PAYLOAD}" if key in SPOKEN and isinstance(value, str) else value


def letter(number: int, content_type: str, data: bytes, title: str) -> dict[str, Any]:
    attachment = {"contentType": content_type, "data": base64.b64encode(data).decode(), "title": title}
    return {
        "resourceType": "DocumentReference",
        "id": f"evil-{number}",
        "status": "current",
        "subject": {"reference": "Patient/p1001"},
        "type": {"text": PAYLOAD},
        "date": "2026-02-01T10:00:00Z",
        "content": [{"attachment": attachment}],
    }


LETTERS = [
    ("text/html", HTML, "a.html"),
    ("image/svg+xml", SVG, "a.svg"),
    ("text/html", HTML, "letter.pdf"),
    ("application/xhtml+xml", HTML, "../../../etc/passwd"),
    ("image/png", HTML, "x\r\nSet-Cookie: evil=1.png"),
    ("text/plain", HTML, 'x"; filename="evil.exe'),
    ("text/html;charset=utf-8", HTML, "\u202egpj.exe"),
    ("IMAGE/PNG\r\nX-Evil: 1", HTML, "a" * 5000),
    ("text/xml", HTML, ".."),
]


@pytest.fixture
def browser(
    mercy: HospitalRecord, client_for: Callable[..., Client], on_commit_now: None
) -> Iterator[tuple[Client, HospitalRecord]]:
    MemoryEHR.forget(ADDRESS)
    store = MemoryEHR.at(ADDRESS)
    places, shared = places_of(HOSPITALS["mercy"])
    days = Days(clock.today(HOSPITALS["mercy"].time_zone), HOSPITALS["mercy"].time_zone)
    store.put_all(hostile(r) for r in [*shared, *patient_resources(places, days, 1, ROSTERS["mercy"][0])])
    store.put_all(letter(number, *given) for number, given in enumerate(LETTERS))
    with inside(mercy):
        Connection.objects.create(kind="memory", base_url=ADDRESS)
        assert synchronise(by=BY, full=True).run.state == "done"
        patient = Patient.objects.get()
    yield client_for(mercy, make_person(mercy, "alice", patient=patient)), mercy
    MemoryEHR.forget(ADDRESS)


class Elements(HTMLParser):
    """What a browser would make of a page: its elements with their attributes."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def attacks(page: bytes) -> list[str]:
    """What in a page runs, fetches from elsewhere or is not ours."""
    out = []
    for tag, attributes in Elements(page).found:
        for name, value in attributes.items():
            shown = (value or "").strip().lower()
            if name.startswith("on") or name in {"style", "srcdoc"}:
                out.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction"} and not OURS.match(shown):
                out.append(f"{tag} {name}={shown[:60]}")
        if tag in {"iframe", "object", "embed", "base", "style"} or (tag == "script" and not attributes.get("src")):
            out.append(tag)
    return out


@pytest.mark.security("S68")
def test_no_text_of_a_chart_becomes_markup(browser: tuple[Client, HospitalRecord]) -> None:
    client, mercy = browser
    shown = 0
    for address in everywhere(mercy):
        answer = client.get(address)
        assert answer.status_code < 500, address
        assert not any(MARK in value for key, value in answer.items() if key != "Content-Disposition"), address
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            content = body(answer)
            assert not attacks(content), (address, attacks(content)[:3])
            shown += MARK.encode() in content
    assert shown > 12


@pytest.mark.security("S68")
def test_no_text_of_a_chart_becomes_markup_in_a_printed_copy(browser: tuple[Client, HospitalRecord]) -> None:
    _client, mercy = browser
    with inside(mercy):
        viewer = viewer_of_person(User.objects.get(username="alice"), verified=True)
        pages = [html_of(part, viewer, first=False, made=clock.now()).encode() for part in PARTS]
    assert not [attacks(page) for page in pages if attacks(page)]
    assert sum(MARK.encode() in page for page in pages) > 5


@pytest.mark.security("S73")
def test_a_calendar_file_has_the_lines_that_we_wrote(browser: tuple[Client, HospitalRecord]) -> None:
    client, mercy = browser
    seen = 0
    for address in everywhere(mercy):
        if not address.endswith(".ics"):
            continue
        answer = client.get(address)
        if answer.status_code != 200:
            continue
        seen += 1
        text = body(answer).decode()
        assert not re.search(r"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]", text)
        names = {re.split("[:;]", line)[0] for line in re.sub(r"\r\n[ \t]", "", text).split("\r\n") if line}
        ours = {"BEGIN", "VERSION", "PRODID", "METHOD", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION"}
        assert names <= ours | {"END", "DESCRIPTION", "STATUS"}
        assert text.count("BEGIN:VEVENT") == 1
        assert "\r\nBEGIN:VALARM" not in text
    assert seen


@pytest.mark.security("S66", "P32")
def test_a_file_of_a_chart_never_runs_in_the_browser(browser: tuple[Client, HospitalRecord]) -> None:
    client, mercy = browser
    with inside(mercy):
        ids: list[UUID] = list(Document.objects.values_list("id", flat=True))
    seen = 0
    for document in ids:
        answer = client.get(f"/records/documents/{document}/files/0/")
        if answer.status_code != 200:
            continue
        seen += 1
        media_type, said = answer.headers["Content-Type"], answer.headers["Content-Disposition"]
        assert media_type.split(";")[0] in {
            "application/octet-stream", "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp",
            "text/plain",
        }  # fmt: skip
        if media_type == "application/octet-stream":
            assert said.startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]
        assert not re.search(r'[\r\n/\\\u202e]|\.\.|"[^"]*"[^"]*"', re.sub(r"filename\*=utf-8''", "", said)), said
        assert len(said) < 400
    assert seen >= len(LETTERS)

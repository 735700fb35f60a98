"""A patient without a browser: plain HTTP, a cookie jar, and a reader of `<data>` and `<time>`."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

ONE_PAGE = re.compile(r"^/(results|records|visits)/")
SKIPPED = re.compile(
    r"\.(ics|pdf|css)$|/(file|download|calendar)(/|$)|/files?/|^/(sign-out|language|theme|static|brand)/"
)


@dataclass
class Seen:
    """What one page says: every machine-readable value and time, its links, its words."""

    path: str
    values: set[str] = field(default_factory=set)
    times: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    text: str = ""


class Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.seen = Seen(path)
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "data" and given.get("value") is not None:
            self.seen.values.add(str(given["value"]))
        elif tag == "time" and given.get("datetime"):
            self.seen.times.add(str(given["datetime"]))
        elif tag == "a" and given.get("href"):
            self.seen.links.append(str(given["href"]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@dataclass
class Visitor:
    """One person at one hospital's host. `port` is where the portal listens on this machine."""

    host: str
    port: int

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Host": f"{self.host}:{self.port}"}, timeout=30
        )

    def get(self, path: str) -> httpx.Response:
        """Follows redirects within the host by itself, so that the Host header stays."""
        answer = self.http.get(path)
        for _ in range(5):
            if answer.status_code not in {301, 302, 303}:
                break
            answer = self.http.get(_path(answer.headers["Location"]))
        return answer

    def post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Posts the form that stands at this path, with its token."""
        form = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token, f"There is no form at {path}."
        answer = self.http.post(path, data={"csrfmiddlewaretoken": token[1], **fields})
        return self.get(_path(answer.headers["Location"])) if "Location" in answer.headers else answer

    def sign_in(self, username: str, password: str, code: str) -> None:
        first = self.post("/sign-in/", {"username": username, "password": password})
        assert first.status_code == 200
        assert "one-time-code" in first.text, "The password was not taken."
        second = self.post("/sign-in/code/", {"code": code})
        assert second.status_code == 200
        assert "one-time-code" not in second.text, "The code was not taken."

    def read(self, path: str) -> Seen:
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        reader = Reader(path)
        if "text/html" in answer.headers.get("Content-Type", ""):
            reader.feed(answer.text)
        reader.seen.text = " ".join(" ".join(reader.words).split())
        return reader.seen

    def whole_record(self) -> list[Seen]:
        """Every page of the record that links lead to, older results too."""
        waiting = deque(["/results/", "/records/", "/visits/"])
        queued = set(waiting)
        pages: list[Seen] = []
        while waiting:
            page = self.read(waiting.popleft())
            pages.append(page)
            for link in page.links:
                target = _path(urljoin(f"http://{self.host}{page.path}", link))
                inside = not urlsplit(link).netloc or urlsplit(link).hostname == self.host
                if inside and target not in queued and ONE_PAGE.match(target) and not SKIPPED.search(target):
                    queued.add(target)
                    waiting.append(target)
        return pages


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")

"""Signing in at the demo over HTTP, as a person does: password, then the code of this moment."""

from __future__ import annotations

import http.client
import re
import time
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from config.bench.progress import BenchFailed, say
from config.runner.sign_ins import STEP, code

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """One host's cookies. Every hospital's host of the demo is this machine."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.netloc, parts.port or 80
        self.cookies: dict[str, str] = {}

    @property
    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def send(self, path: str, fields: dict[str, str] | None = None) -> tuple[str, bytes]:
        """The address that the answer leads to ("" where it is a page), and its body."""
        sent = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": self.host, "Cookie": self.header, "Content-Type": "application/x-www-form-urlencoded"}
        sent.request("GET" if fields is None else "POST", path, urlencode(fields or {}), headers)
        answer = sent.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: kept.value for name, kept in SimpleCookie(line).items()}
        body = answer.read()
        sent.close()
        return answer.headers.get("Location", ""), body

    def fill(self, path: str, fields: dict[str, str]) -> str:
        """Opens a form, fills it in, sends it; where that leads."""
        _, page = self.send(path)
        found = _TOKEN.search(page)
        if found is None:
            raise BenchFailed(f"{path} shows no form.")
        return self.send(path, {**fields, "csrfmiddlewaretoken": found.group(1).decode()})[0]


def cookie_of(url: str, person: dict[str, Any]) -> str:
    """The Cookie header of a fresh session."""
    browser = Browser(url)
    if not browser.fill("/sign-in/", {"username": person["username"], "password": person["password"]}):
        raise BenchFailed(f"{person['username']} cannot sign in at {url}.")
    for _ in range(2):
        if browser.fill("/sign-in/code/", {"code": code(person["totp_secret"], time.time())}):
            return browser.header
        say("this code was used before: waiting for the next one")
        time.sleep(STEP - time.time() % STEP + 1)
    raise BenchFailed(f"The code of {person['username']} is not taken.")

"""Mails, titles and addresses hold no health data: what a template may say is a list."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.template.base import Lexer, TokenType
from django.test import Client

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.actions import issue_link
from portal.accounts.mail import send_link
from portal.accounts.models import OneTimeLink, User
from tests.isolation.conftest import Twin
from tests.isolation.routes import body
from tests.isolation.test_same_hospital import everywhere

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
ROOT = Path(__file__).parents[2]
PACKAGES = ("platform", "tenants", "themes", "cms")
BY = Actor.command("tests")
# All that a mail may say: a first name, the hospital, its phone, a link, and what the frame is drawn with.
WORDS = {"first_name", "hospital_name", "phone", "url", "origin", "color", "on_color", "code", "bidi", "name"}
# Who makes a mail, and what it says there.
SENDERS = {
    "platform/portal/accounts/mail.py": "links to choose a password, from the templates of accounts/mail",
    "platform/foundation/audit/mail.py": "alarms: their kind in fixed words, ids and codes",
}
TAGS = {"load", "translate", "blocktranslate", "endblocktranslate", "if", "else", "elif", "endif", "extends", "block",
        "endblock", "autoescape", "endautoescape", "get_current_language", "get_current_language_bidi"}  # fmt: skip
NAME = re.compile(r"(?<![\w.\"'])[a-z_][\w.]*(?![\w\"'=])")
KNOWN = {"if", "else", "not", "and", "or", "with", "trimmed", "count", "as", "off", "on", "True", "False", "None"}


def mail_templates() -> list[Path]:
    found = [f for p in PACKAGES for f in (ROOT / p).glob("**/templates/**/*") if f.is_file()]
    return [file for file in found if "mail" in {part.lower() for part in file.parts} or "mail" in file.name]


def variables(text: str) -> Iterator[str]:
    """Every name that a template asks of its context."""
    for token in Lexer(text).tokenize():
        if token.token_type == TokenType.VAR:
            yield token.contents.split("|")[0].strip()
        elif token.token_type == TokenType.BLOCK:
            tag, _space, rest = token.contents.partition(" ")
            assert tag in TAGS, f"the tag {tag!r} is not one that a mail needs"
            if tag in {"load", "extends", "block", "endblock", "autoescape"} or tag.startswith(("end", "get_")):
                continue
            bare = re.sub(r'"[^"]*"|\w+=', " ", rest)
            yield from (name for name in NAME.findall(bare) if name not in KNOWN)


@pytest.mark.security("S63")
def test_a_mail_template_may_say_a_first_name_the_hospital_and_a_link() -> None:
    files = [f for f in mail_templates() if "demo" not in f.parts]
    assert len(files) >= 7
    for file in files:
        assert set(variables(file.read_text())) <= WORDS, file


def test_the_lint_sees_what_a_template_should_not_say() -> None:
    bad = ["{{ person.name }}", "{% blocktranslate with x=result.value %}{% endblocktranslate %}", "{{ result }}",
           "{% if patient.deceased %}x{% endif %}", "{{ url|add:person }}{{ user }}"]  # fmt: skip
    for text in bad:
        assert set(variables(text)) - WORDS, text
    with pytest.raises(AssertionError):
        list(variables("{% for r in results %}{% endfor %}"))


@pytest.mark.security("S63")
def test_mails_are_made_in_known_places() -> None:
    makers = {"EmailMessage", "EmailMultiAlternatives", "send_mail", "send_mass_mail", "mail_admins", "mail_managers"}
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in makers:
                    found.add(str(file.relative_to(ROOT)))
    assert found == set(SENDERS), "say in SENDERS what the mail tells, and give it a template with listed words"


@pytest.mark.security("S63")
@pytest.mark.parametrize("given_name", ["Ada", ""])
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_mail_tells_of_its_reader_a_first_name_alone(
    mercy: HospitalRecord, person: People, given_name: str, language: str
) -> None:
    user = person(mercy, "ada.canary", name="Ada Canary-Family", email="ada@example.org", language=language)
    with inside(mercy):
        User.objects.filter(pk=user.pk).update(given_name=given_name)
        user.refresh_from_db()
        for purpose in OneTimeLink.Purpose:
            send_link(user, purpose, issue_link(by=BY, user=user, purpose=purpose))
    assert len(mail.outbox) == 2
    for sent in mail.outbox:
        text = f"{sent.subject} {sent.body} {getattr(sent, 'alternatives', '')} {sent.extra_headers} {sent.from_email}"
        assert "Canary" not in text
        assert "ada.canary" not in text
        assert (given_name in text) if given_name else "Ada" not in text
        assert "http://mercy.localhost/link/" in text
        assert sent.to == ["ada@example.org"]


@pytest.mark.security("S63")
def test_no_address_and_no_title_tells_what_a_page_shows(twins: tuple[Twin, Twin], client_for: Browsers) -> None:
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    named = {here.patient.name, here.patient.family_name, here.patient.mrn, here.user.name}
    words = {word for name in named for word in name.split() if len(word) > 3} | {here.canary}
    pages = 0
    for address in everywhere(here.hospital):
        answer = browser.get(address)
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, address
        if answer.status_code == 404:
            continue
        content = body(answer).decode(errors="replace")
        if "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        pages += 1
        titles = re.findall(r"<title>(.*?)</title>", content, re.S)
        links = re.findall(r'\s(?:href|src|action|formaction|content)="([^"]*)"', content)
        for text in (*titles, *links, answer.headers.get("Location", "")):
            assert not any(word.lower() in html.unescape(text).lower() for word in words), (address, text)
    assert pages > 12
    assert django_settings.SECURE_REFERRER_POLICY == "same-origin"


@pytest.mark.security("S63")
def test_no_form_sends_what_is_typed_in_an_address(twins: tuple[Twin, Twin], client_for: Browsers) -> None:
    """A form by GET would put its fields into addresses, histories and logs: only those of these names may."""
    harmless = {"next", "page", "language", "kind", "from", "to", "show", "order", "format", "time", "who", "of"}
    here, _there = twins
    browser = client_for(here.hospital, here.user)
    for address in everywhere(here.hospital):
        answer = browser.get(address)
        if "text/html" not in answer.headers.get("Content-Type", "") or address == "/gallery/":
            continue  # the gallery's forms lead nowhere, and no deployment shows it
        for form in re.findall(r"<form\b.*?</form>", body(answer).decode(), re.S):
            if 'method="post"' not in form.lower():
                names = set(re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', form))
                assert names <= harmless, (address, names - harmless)

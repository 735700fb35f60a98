"""The demo's mail box: what was sent is listed on the vendor's host, and its links can be followed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client

from foundation.tenancy import HospitalRecord

type ClientFor = Callable[..., Client]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.PORTICO_MAIL_FOLDER = tmp_path
    return tmp_path


def send(folder: Path, subject: str, text: str) -> None:
    message = EmailMultiAlternatives(subject, text, "Mercy <no-reply@example.org>", ["alice@example.org"])
    message.attach_alternative(f"<p>{text}</p>", "text/html")
    EmailBackend(file_path=str(folder)).send_messages([message])


def test_an_empty_box_says_what_will_appear(folder: Path, database: None, client_for: ClientFor) -> None:
    page = client_for(None).get("/demo/mail/")
    assert page.status_code == 200
    assert "No mail yet" in page.content.decode()


def test_a_mail_is_listed_and_its_link_can_be_followed(folder: Path, database: None, client_for: ClientFor) -> None:
    send(folder, "Choose a new password – ضع كلمة", "Open http://mercy.localhost:8000/link/abc_def-1/ within one hour.")
    client = client_for(None)
    listed = client.get("/demo/mail/").content.decode()
    assert "Choose a new password – ضع كلمة" in listed
    where = listed.split('href="/demo/mail/')[1].split('"')[0]
    page = client.get(f"/demo/mail/{where}").content.decode()
    assert 'href="http://mercy.localhost:8000/link/abc_def-1/"' in page


def test_what_a_mail_says_is_text_and_never_markup(folder: Path, database: None, client_for: ClientFor) -> None:
    send(folder, "<b>bold</b>", "<script>alert(1)</script>")
    client = client_for(None)
    listed = client.get("/demo/mail/").content.decode()
    where = listed.split('href="/demo/mail/')[1].split('"')[0]
    assert "<b>bold" not in listed
    assert "<script>alert" not in client.get(f"/demo/mail/{where}").content.decode()


def test_an_unknown_mail_is_not_found(folder: Path, database: None, client_for: ClientFor) -> None:
    assert client_for(None).get("/demo/mail/abc/").status_code == 404


def test_a_hospital_shows_no_mail(folder: Path, mercy: HospitalRecord, client_for: ClientFor) -> None:
    assert client_for(mercy).get("/demo/mail/").status_code == 404

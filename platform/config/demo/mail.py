"""The mails that the demo "sent": files in var/mail, read back for a page."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings

_LINE_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # as Django's file backend writes it
_MOST = 200


@dataclass(frozen=True, slots=True)
class Mail:
    key: str
    subject: str
    sender: str
    to: str
    sent_at: datetime | None
    text: str


def mails() -> list[Mail]:
    """The newest first, at most 200."""
    folder = Path(settings.PORTICO_MAIL_FOLDER)
    files = sorted(folder.glob("*.log"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    found: list[Mail] = []
    for file in files[:_MOST]:
        found += reversed([_mail(part) for part in file.read_bytes().split(_LINE_BETWEEN) if part.strip()])
    return found[:_MOST]


def mail(key: str) -> Mail | None:
    return next((each for each in mails() if each.key == key), None)


def _mail(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw.strip() + b"\n", policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    return Mail(
        key=sha256(raw.strip()).hexdigest()[:16],
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        sent_at=_moment(message["Date"]),
        text=str(body.get_content()) if body is not None else "",
    )


def _moment(text: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(text))
    except ValueError:
        return None

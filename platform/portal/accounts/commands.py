"""What the commands that add people have in common."""

from __future__ import annotations

import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from foundation.audit import Actor
from foundation.errors import NotFound
from portal.accounts import factors, mail
from portal.accounts.actions import issue_link, reset_factors
from portal.accounts.models import OneTimeLink, User
from portal.accounts.queries import person_by_username


def add_person_arguments(parser: CommandParser) -> None:
    parser.add_argument("--username", required=True)
    parser.add_argument("--name", default="")
    parser.add_argument("--email", default="")
    parser.add_argument("--language", default="en")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument("--totp-secret", default=None, metavar="BASE32", help="without it a set-up link is printed")


def read_password() -> str:
    """One line of standard input, without its line end."""
    return sys.stdin.readline().rstrip("\r\n")


def check_new(username: str, email: str, password: str | None, secret: str | None) -> None:
    """Raises CommandError with a sentence."""
    if password is not None:
        try:
            validate_password(password, User(username=username, email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
    if secret is not None:
        try:
            factors.seed_from(secret)
        except ValueError:
            raise CommandError("The TOTP secret is not Base32 of at least 80 bits.") from None


def what_next(by: Actor, person: User, secret: str | None) -> list[str]:
    """The lines that tell whoever ran the command how the person gets in."""
    lines = [f"{person.username} can sign in at {mail.origin()}/"]
    if secret is None:
        link = mail.link_url(issue_link(by=by, user=person, purpose=OneTimeLink.Purpose.WELCOME))
        lines.append(f"Set-up link (works once, for 7 days): {link}")
    return lines


def reset(by: Actor, username: str) -> str:
    try:
        person = person_by_username(username)
    except NotFound:
        raise CommandError(f"There is nobody called {username!r}.") from None
    removed = reset_factors(by=by, user=person)
    return f"{person.username}: {removed} second factor(s) taken away, every session ended."

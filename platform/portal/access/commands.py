"""`manage.py hospital person add|reset`: accounts from the command line."""

from __future__ import annotations

import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.db import transaction

from foundation.audit import Actor, open_trail
from foundation.errors import NotFound, Refusal
from foundation.tenancy import inside
from portal.access.actions import grant_record, register_patient
from portal.access.models import Patient
from portal.access.queries import patient_by_fhir_id
from portal.accounts import factors, mail
from portal.accounts.actions import create_person, issue_link, reset_factors
from portal.accounts.models import OneTimeLink, Role, User
from portal.accounts.models.people import VENDOR_ROLES
from portal.accounts.queries import person_by_username
from tenants.queries import hospital_by_slug

HOSPITAL_ROLES = [role for role in Role.values if role not in VENDOR_ROLES]


class PersonCommand:
    """Adds people to a hospital, and takes somebody's second factors away."""

    help = "Add a person to a hospital, or take a person's second factors away."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True, title="what to do")
        add = doing.add_parser("add", help="Add a person. Without --totp-secret a set-up link is printed.")
        add.add_argument("slug", help="the hospital")
        add.add_argument("--role", required=True, choices=HOSPITAL_ROLES, action="append")
        add.add_argument("--patient", default="", metavar="FHIR-ID", help="whose record a patient opens")
        add.add_argument("--username", required=True)
        add.add_argument("--name", default="")
        add.add_argument("--email", default="")
        add.add_argument("--language", default="en")
        add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        add.add_argument("--totp-secret", default=None, metavar="BASE32")
        reset = doing.add_parser("reset", help="Take a person's second factors away and end their sessions.")
        reset.add_argument("slug", help="the hospital")
        reset.add_argument("username")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        hospital = hospital_by_slug(options["slug"])
        if hospital is None:
            raise CommandError(f"There is no hospital {options['slug']!r}.")
        try:
            with inside(hospital), open_trail():
                (self.add if options["doing"] == "add" else self.reset)(options, stdout)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def add(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        by = Actor.command("hospital person add")
        roles = sorted(set(options["role"]))
        if bool(options["patient"]) is not (Role.PATIENT.value in roles):
            raise CommandError("--patient goes with --role patient, and the other way round.")
        password = read_password() if options["password_stdin"] else None
        check_new(options["username"], options["email"], password, options["totp_secret"])
        with transaction.atomic():
            person = create_person(
                by=by,
                username=options["username"],
                name=options["name"] or options["username"],
                roles=roles,
                email=options["email"],
                language=options["language"],
                password=password,
                totp_secret=options["totp_secret"],
            )
            if options["patient"]:
                grant_record(by=by, user=person, patient=patient_of(by, options["patient"], person.name))
            link = None
            if options["totp_secret"] is None:
                link = mail.link_url(issue_link(by=by, user=person, purpose=OneTimeLink.Purpose.WELCOME))
        stdout.write(f"{person.username} can sign in at {mail.origin()}/")
        if link:
            stdout.write(f"Set-up link (works once, for 7 days): {link}")

    def reset(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        try:
            person = person_by_username(options["username"])
        except NotFound:
            raise CommandError(f"There is nobody called {options['username']!r}.") from None
        removed = reset_factors(by=Actor.command("hospital person reset"), user=person)
        stdout.write(f"{person.username}: {removed} second factor(s) taken away, every session ended.")


def patient_of(by: Actor, fhir_id: str, name: str) -> Patient:
    """The patient of that FHIR id; a place kept for them where no synchronisation has told of them yet."""
    try:
        return patient_by_fhir_id(fhir_id)
    except NotFound:
        return register_patient(by=by, fhir_id=fhir_id, name=name)


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

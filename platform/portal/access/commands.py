"""`manage.py hospital person add|reset`: accounts from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.db import transaction

from foundation.audit import Actor, open_trail
from foundation.errors import NotFound, Refusal
from foundation.tenancy import inside
from portal.access.actions import grant_record, register_patient
from portal.access.models import Patient
from portal.access.queries import patient_by_fhir_id
from portal.accounts import commands
from portal.accounts.actions import create_person
from portal.accounts.models import Role
from portal.accounts.models.people import VENDOR_ROLES
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
        commands.add_person_arguments(add)
        reset = doing.add_parser("reset", help="Take a person's second factors away and end their sessions.")
        reset.add_argument("slug", help="the hospital")
        reset.add_argument("username")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        hospital = hospital_by_slug(options["slug"])
        if hospital is None:
            raise CommandError(f"There is no hospital {options['slug']!r}.")
        try:
            with inside(hospital), open_trail():
                if options["doing"] == "add":
                    self.add(options, stdout)
                else:
                    stdout.write(commands.reset(Actor.command("hospital person reset"), options["username"]))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def add(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        by = Actor.command("hospital person add")
        roles = sorted(set(options["role"]))
        if bool(options["patient"]) is not (Role.PATIENT.value in roles):
            raise CommandError("--patient goes with --role patient, and the other way round.")
        password = commands.read_password() if options["password_stdin"] else None
        commands.check_new(options["username"], options["email"], password, options["totp_secret"])
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
            lines = commands.what_next(by, person, options["totp_secret"])
        stdout.write("\n".join(lines))


def patient_of(by: Actor, fhir_id: str, name: str) -> Patient:
    """The patient of that FHIR id; a place kept for them where no synchronisation has told of them yet."""
    try:
        return patient_by_fhir_id(fhir_id)
    except NotFound:
        return register_patient(by=by, fhir_id=fhir_id, name=name)

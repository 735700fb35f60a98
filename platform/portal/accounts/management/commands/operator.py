"""`manage.py operator add|reset`: the vendor's own people, who stand in `public`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from foundation.audit import Actor, open_trail
from foundation.errors import Refusal
from foundation.tenancy import inside_public
from portal.accounts import commands
from portal.accounts.actions import create_person
from portal.accounts.models import Role


class Command(BaseCommand):
    help = "Add one of the vendor's people, or take their second factors away."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True, title="what to do")
        commands.add_person_arguments(doing.add_parser("add", help="Add an operator."))
        doing.add_parser("reset", help="Take an operator's second factors away.").add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with inside_public(), open_trail():
                if options["doing"] == "add":
                    self.add(options)
                else:
                    self.stdout.write(commands.reset(Actor.command("operator reset"), options["username"]))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def add(self, options: dict[str, Any]) -> None:
        by = Actor.command("operator add")
        password = commands.read_password() if options["password_stdin"] else None
        commands.check_new(options["username"], options["email"], password, options["totp_secret"])
        with transaction.atomic():
            person = create_person(
                by=by,
                username=options["username"],
                name=options["name"] or options["username"],
                roles=[Role.OPERATOR.value],
                email=options["email"],
                language=options["language"],
                password=password,
                totp_secret=options["totp_secret"],
            )
            lines = commands.what_next(by, person, options["totp_secret"])
        self.stdout.write("\n".join(lines))

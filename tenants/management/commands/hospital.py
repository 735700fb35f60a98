"""`manage.py hospital SUBCOMMAND`: the subcommands come from a registry, so that each package brings its own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.errors import Refusal
from foundation.registry import hospital_commands


class Command(BaseCommand):
    help = "Hospitals: make, list, suspend, resume, delete, migrate, and what other packages add."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for key, command in hospital_commands.items():
            sub = subparsers.add_parser(key, help=command.help, description=command.help)
            command.add_arguments(sub)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            hospital_commands.get(options["subcommand"]).handle(options, self.stdout)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

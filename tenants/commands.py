"""`manage.py hospital create|list|suspend|resume|delete|migrate`."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper

from foundation.audit import Actor
from foundation.registry import hospital_commands
from tenants import actions, queries, walls
from tenants.errors import HospitalUnknown
from tenants.migrating import Outcome, migrate_all
from tenants.provisioning import run_or_ask


class Create:
    help = "Make a hospital that serves at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--domain", help="its host; SLUG.<base host> where none is given")
        parser.add_argument("--brand", default="#005eb8", help='its colour, such as "#005eb8"')
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--languages", default=",".join(actions.DEFAULT_LANGUAGES))

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        began = time.monotonic()
        made = run_or_ask(
            "hospital.create", by=Actor.command("hospital create"), say=stdout.write, slug=options["slug"],
            name=options["name"], domain=options["domain"], brand=options["brand"], time_zone=options["time_zone"],
            languages=[part.strip() for part in options["languages"].split(",") if part.strip()],
        )  # fmt: skip
        if made["new"]:
            stdout.write(f"{made['name']} serves at {made['host']} (schema {made['schema']}), "
                         f"made in {time.monotonic() - began:.1f} s.")  # fmt: skip
        else:
            stdout.write(f"{made['name']} is there already, at {made['host']}.")


class List:
    help = "Show the hospitals."

    def add_arguments(self, parser: CommandParser) -> None:
        pass

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        found = queries.all_hospitals()
        for one in found:
            stdout.write(f"{one.slug:<20} {one.status:<11} {one.host:<36} {one.schema_name:<24} {one.name}")
        if not found:
            stdout.write('There is no hospital yet. Make one: manage.py hospital create SLUG --name "..."')


class SetStatus:
    def __init__(self, job: str, help_text: str, words: str) -> None:
        self.job, self.help, self.words = job, help_text, words

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        done = run_or_ask(self.job, by=Actor.command("hospital status"), say=stdout.write, slug=options["slug"])
        stdout.write(f"{done['name']} {self.words}.")


class Delete:
    help = "Dump a hospital to a file, then delete it. Asks for the short name again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--confirm", help="the short name again, instead of typing it")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        slug = options["slug"]
        if queries.hospital_by_slug(slug) is None:
            raise HospitalUnknown
        typed = options["confirm"]
        if typed is None:
            stdout.write(f"This deletes {slug} and everything in it. Type its short name to go on:")
            typed = sys.stdin.readline().strip()
        done = run_or_ask(
            "hospital.delete", by=Actor.command("hospital delete"), say=stdout.write, slug=slug, confirmed_slug=typed
        )
        stdout.write(f"{slug} is deleted. Its data stands in {done['dump']}.")


class MigrateAll:
    help = "Bring public, the template and every hospital up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", metavar="SLUG", help="this hospital alone")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        outcomes = self._outcomes(options["only"], stdout)
        done = [o for o in outcomes if o.state == "migrated"]
        failed = [o for o in outcomes if o.state == "failed"]
        for one in done:
            stdout.write(f"{one.schema_name}: up to date after {one.seconds:.1f} s.")
        for one in failed:
            stdout.write(f"{one.schema_name}: failed. {one.error}")
        if not outcomes or not (done or failed):
            stdout.write("Everything is up to date.")
        if failed:
            raise CommandError(f"{len(failed)} of {len(outcomes)} failed. The others are up to date.")

    def _outcomes(self, only: str | None, stdout: OutputWrapper) -> list[Outcome]:
        if settings.PORTICO_OWNS_DATABASE:
            return migrate_all(stdout.write, only=only)  # line by line, as it goes
        done = run_or_ask("hospital.migrate", by=Actor.command("hospital migrate"), say=stdout.write, only=only)
        for line in done["said"]:
            stdout.write(line)
        return [Outcome(o["schema"], o["state"], o["seconds"], o["error"]) for o in done["outcomes"]]


class CheckWalls:
    help = "Look at the wall around a hospital, as the database has it now. Reads only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        hospital = queries.hospital_by_slug(options["slug"])
        if hospital is None:
            raise HospitalUnknown
        findings = walls.look_at(hospital)
        for one in findings:
            stdout.write(f"{'holds ' if one.holds else 'FAILED'}  {one.what}" + ("" if one.holds else f": {one.found}"))
        failed = sum(not one.holds for one in findings)
        if failed:
            raise CommandError(
                f"{failed} of {len(findings)} do not hold. Nobody should use this hospital until they do."
            )


def register() -> None:
    hospital_commands.register("check-walls", CheckWalls())
    hospital_commands.register("create", Create())
    hospital_commands.register("list", List())
    hospital_commands.register("suspend", SetStatus("hospital.suspend", "Shut a hospital.", "is suspended"))
    hospital_commands.register("resume", SetStatus("hospital.resume", "Open a hospital again.", "is open again"))
    hospital_commands.register("delete", Delete())
    hospital_commands.register("migrate", MigrateAll())

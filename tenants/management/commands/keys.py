"""`manage.py keys list|rotate|check|destroy`: the hospitals' keys (docs/keys.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.audit import Actor
from foundation.crypto.port import KeyStoreError
from foundation.errors import Refusal
from tenants import keys
from tenants.provisioning import run_or_ask


class Command(BaseCommand):
    help = "Hospitals' keys: list, change, check, destroy."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        subparsers.add_parser("list", help="Show whose keys there are.")
        rotate = subparsers.add_parser("rotate", help="Change keys while everything goes on.")
        which = rotate.add_mutually_exclusive_group(required=True)
        which.add_argument("--hospital", metavar="SLUG", help='this hospital alone; "public" for the vendor\'s own')
        which.add_argument("--all", action="store_true", help="every hospital, and the vendor's own")
        check = subparsers.add_parser("check", help="Open every sealed secret, and say how many stay shut.")
        check.add_argument("--hospital", metavar="SLUG", help="this hospital alone")
        destroy = subparsers.add_parser("destroy", help="Make a hospital's secrets unreadable, everywhere, for good.")
        destroy.add_argument("slug")
        destroy.add_argument("--confirm", required=True, metavar="SLUG", help="the short name again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['subcommand']}")(options, Actor.command(f"keys {options['subcommand']}"))
        except (Refusal, KeyStoreError) as problem:
            raise CommandError(str(problem)) from problem

    def _list(self, options: dict[str, Any], by: Actor) -> None:
        for one in keys.holders():
            old = f", {one.old_form} secrets in the old form" if one.old_form else ""
            self.stdout.write(f"{one.slug or '(gone)':<20} {one.schema_name:<24} {one.state:<10} "
                              f"version {one.versions:<4} {one.key_id}{old}")  # fmt: skip

    def _rotate(self, options: dict[str, Any], by: Actor) -> None:
        done = run_or_ask("keys.rotate", by=by, say=self.stdout.write, slug=options["hospital"] or "")["hospitals"]
        for one in done:
            words = f"{one['keys']} new keys, {one['resealed']} secrets sealed anew, {one['stuck']} stay shut."
            self.stdout.write(f"{one['slug']}: {one['error'] or words}")
        self._end(sum(bool(one["error"] or one["stuck"]) for one in done), len(done))

    def _check(self, options: dict[str, Any], by: Actor) -> None:
        done = run_or_ask("keys.check", by=by, say=self.stdout.write, slug=options["hospital"] or "")["hospitals"]
        for one in done:
            words = f"{one['open']} secrets open, {one['shut']} stay shut."
            self.stdout.write(f"{one['slug']}: key {one['state']}. {one['error'] or words}")
        self._end(sum(bool(one["error"] or one["shut"]) for one in done), len(done))

    def _destroy(self, options: dict[str, Any], by: Actor) -> None:
        slug = options["slug"]
        ended = run_or_ask("keys.destroy", by=by, say=self.stdout.write, slug=slug, confirmed_slug=options["confirm"])
        self.stdout.write(f"{slug}: {len(ended['keys'])} keys are destroyed. What they sealed opens nowhere any more.")

    def _end(self, bad: int, of: int) -> None:
        if bad:
            raise CommandError(f"{bad} of {of} need a look.")

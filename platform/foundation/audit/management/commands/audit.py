"""`manage.py audit verify|anchor|accept|key`: the chains of events, looked at by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.audit import Actor, signing
from foundation.audit.anchors import AnchorFailed, open_anchor
from foundation.audit.breaks import accept_break
from foundation.audit.heads import anchor_here
from foundation.audit.verify import Report, verify
from foundation.tasks import every_place
from foundation.tenancy import HospitalRecord, inside


class Command(BaseCommand):
    help = "The record of reads and writes: verify its chains, anchor their ends, show the key that signs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, words in (
            ("verify", "Walk the chain and name the first event that is not as it was written."),
            ("anchor", "Put the signed end of the chain into the store outside, now."),
        ):
            sub = subparsers.add_parser(name, help=words, description=words)
            which = sub.add_mutually_exclusive_group()
            which.add_argument("--hospital", metavar="SLUG", help='one hospital, or "public"')
            which.add_argument("--all", action="store_true", help="public and every hospital (the default)")
            if name == "verify":
                sub.add_argument("--json", action="store_true", help="a line of JSON for each chain")
        words = "After a restore: accept that the events which only the anchors have seen are gone."
        sub = subparsers.add_parser("accept", help=words, description=words)
        sub.add_argument("--hospital", metavar="SLUG", required=True, help='one hospital, or "public"')
        sub.add_argument("--note", required=True, help="which restore it was; no names of patients")
        words = "Show the public key, for whoever checks the anchors from outside."
        subparsers.add_parser("key", help=words, description=words)

    def handle(self, *args: Any, **options: Any) -> None:
        match options["subcommand"]:
            case "key":
                self.stdout.write(orjson.dumps(signing.public_key()).decode())
            case "accept":
                self._accept(options)
            case "anchor":
                self._anchor(options)
            case "verify":
                self._verify(options)

    def _anchor(self, options: dict[str, Any]) -> None:
        anchor = open_anchor()
        for place in _places(options):
            with inside(place):
                try:
                    news = anchor_here(anchor)
                except AnchorFailed as error:
                    raise CommandError(f"{place.slug}: the store could not be written ({error.code}).") from error
            self.stdout.write(f"{place.slug}: {'anchored' if news else 'nothing new'}.")

    def _accept(self, options: dict[str, Any]) -> None:
        for place in _places(options):
            with inside(place):
                try:
                    last = accept_break(by=Actor.command("audit accept"), anchor=open_anchor(), note=options["note"])
                except AnchorFailed as error:
                    raise CommandError(f"{place.slug}: the store could not be written ({error.code}).") from error
            self.stdout.write(f"{place.slug}: the chain goes on from event {last}. Each verification will say so.")

    def _verify(self, options: dict[str, Any]) -> None:
        bad = 0
        anchor = open_anchor()
        for place in _places(options):
            with inside(place):
                try:
                    report = verify(anchor)
                except AnchorFailed as error:
                    raise CommandError(f"{place.slug}: the anchors could not be read ({error.code}).") from error
            bad += not report.good
            self.stdout.write(_json(place, report) if options["json"] else _words(place, report))
        if bad:
            raise CommandError(f"{bad} chain{'s are' if bad > 1 else ' is'} not as written.")


def _places(options: dict[str, Any]) -> Iterator[HospitalRecord]:
    found = [place for place in every_place() if options["hospital"] in (None, place.slug)]
    if not found:
        raise CommandError(f"There is no hospital {options['hospital']!r}.")
    yield from found


def _words(place: HospitalRecord, report: Report) -> str:
    if report.finding:
        return f"{place.slug}: {report.finding.words}"
    anchored = f"anchored up to {report.anchored}" if report.anchored else "not anchored yet"
    notes = "".join(f" {note}" for note in report.notes)
    which = f"events {report.began} to {report.reached.sequence}" if report.checked else "no events"
    return f"{place.slug}: {which}, as written; {anchored}.{notes}"


def _json(place: HospitalRecord, report: Report) -> str:
    said = asdict(report) | {"hospital": place.slug, "good": report.good}
    return orjson.dumps(said, default=lambda value: value.hex()).decode()

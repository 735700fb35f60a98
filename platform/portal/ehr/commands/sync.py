"""`manage.py hospital sync SLUG [--patient ID ...] [--full]`: one synchronisation, with progress and a summary."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.audit import Actor, open_trail
from foundation.errors import Refusal
from foundation.tenancy import inside
from portal.ehr.commands import quiet
from portal.ehr.commands.connect import sentence
from portal.ehr.models import PatientProgress, SyncRun
from portal.ehr.sync import Report, synchronise
from tenants.queries import hospital_by_slug

WAIT_SECONDS = 300.0


class Sync:
    help = "Bring a hospital's records up to date from its health record system."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--patient", action="append", nargs="+", default=[], metavar="FHIR-ID",
                            help="only these patients; can be repeated")  # fmt: skip
        parser.add_argument("--full", action="store_true", help="read everything again and compare all ids")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        hospital = hospital_by_slug(options["slug"])
        if hospital is None:
            raise CommandError(_("There is no hospital with the short name %(slug)s.") % {"slug": options["slug"]})
        only = tuple(fhir_id for group in options["patient"] for fhir_id in group)
        try:
            with quiet(), inside(hospital), open_trail():
                report = synchronise(
                    by=Actor.command("hospital sync"), full=options["full"], only=only,
                    progress=lambda run, _id: show_progress(run, stdout), wait_seconds=WAIT_SECONDS,
                )  # fmt: skip
                show_summary(report, stdout)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if report.run.state == SyncRun.State.FAILED:
            raise CommandError(sentence(report.run.fault, report.detail))


def show_progress(run: SyncRun, stdout: OutputWrapper) -> None:
    total = run.patients_total
    if total and run.patients_done % max(1, total // 10) == 0:
        stdout.write(_("%(done)d of %(total)d patients") % {"done": run.patients_done, "total": total})
        stdout.flush()


def show_summary(report: Report, stdout: OutputWrapper) -> None:
    """A table by kind, then what has no kind, then what is missing."""
    tally = report.tally
    heads = (_("kind"), _("read"), _("new"), _("changed"), _("gone"))
    if tally.kinds:
        stdout.write(f"{heads[0]:<28}" + "".join(f"{head:>10}" for head in heads[1:]))
    for kind, counts in sorted(tally.kinds.items()):
        cells = "".join(f"{counts[column]:>10}" for column in ("read", "new", "changed", "gone"))
        stdout.write(f"{kind:<28}{cells}")
    done = report.run.patients_done
    stdout.write(
        ngettext("%(n)d patient, %(p)d resources projected, %(k)d kept without a place.",
                 "%(n)d patients, %(p)d resources projected, %(k)d kept without a place.", done)
        % {"n": done, "p": tally.totals["projected"], "k": tally.totals["kept"]}
    )  # fmt: skip
    if tally.totals["rejected"]:
        stdout.write(_("%(n)d resources of other patients were refused.") % {"n": tally.totals["rejected"]})
    if tally.totals["failed_patients"]:
        stdout.write(
            _("%(n)d patients could not be stored. The log says why.") % {"n": tally.totals["failed_patients"]}
        )
    if tally.totals["list_cut_short"]:
        stdout.write(
            _("The server's list of patients broke off. Nobody on the rest of it was looked at or taken away.")
        )
    for fhir_id in report.unknown:
        stdout.write(_("The server has no patient %(id)s.") % {"id": fhir_id})
    for kind, fault, number in missing_kinds(report.run):
        stdout.write(_("Could not be read for %(n)d patients: %(kind)s. %(why)s")
                     % {"n": number, "kind": kind, "why": sentence(fault, "")})  # fmt: skip


def missing_kinds(run: SyncRun) -> list[tuple[str, str, int]]:
    """Kind, fault, and for how many patients."""
    found: dict[tuple[str, str], int] = {}
    for missing in (
        PatientProgress.objects.filter(connection_id=run.connection_id)
        .exclude(missing={})
        .values_list("missing", flat=True)
    ):
        for kind, fault in missing.items():
            found[kind, fault] = found.get((kind, fault), 0) + 1
    return [(kind, fault, number) for (kind, fault), number in sorted(found.items())]

"""`manage.py hospital readmit`: lets somebody back in whose data was erased."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from foundation.audit import Actor, open_trail
from foundation.tenancy import inside
from portal.access.actions import readmit_patient
from portal.ehr.queries import active_connection
from tenants.queries import hospital_by_slug


class Readmit:
    """They asked for it, and the hospital knows them: nothing of what was here comes back, but what the source has."""

    help = "Let a patient back in whose data was erased: the next synchronization reads them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the hospital")
        parser.add_argument("patient", metavar="FHIR-ID", help="the patient's id at the hospital's record system")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        hospital = hospital_by_slug(options["slug"])
        if hospital is None:
            raise CommandError(f"There is no hospital {options['slug']!r}.")
        with inside(hospital), open_trail():
            connected = active_connection()
            source = connected.id if connected else None
            if not readmit_patient(by=Actor.command("hospital readmit"), fhir_id=options["patient"], source=source):
                raise CommandError("Nobody with this id was erased here.")
        stdout.write("They may come back. Run: manage.py hospital sync")

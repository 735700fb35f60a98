"""`manage.py provisioner`: makes, migrates and deletes hospitals for those who may not. Ends on SIGTERM or Ctrl-C."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.database import NotTheOwner
from foundation.errors import Refusal
from tenants import provisioning


class Command(BaseCommand):
    help = "The one process that holds DATABASE_ADMIN_URL: takes jobs from a table, and listens to no network."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            provisioning.serve(stop.is_set)
        except (NotTheOwner, Refusal) as refused:
            raise CommandError(str(refused)) from refused

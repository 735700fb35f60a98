"""The static files under names with hashes, as in production: pages name them."""

import json

from django.conf import settings
from django.core.management import call_command

from config.bench.progress import say
from config.runner.statics import fingerprint


def collect() -> None:
    """Collects them into the measurement's own folder, if they changed."""
    stamp = settings.PORTICO_VAR / "bench" / "static.json"
    wanted = fingerprint(settings.ROOT)
    if stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return
    say("collecting the static files")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(json.dumps(wanted))

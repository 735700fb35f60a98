"""The worker and the scheduler: `celery -A config.celery_app worker|beat`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

from celery import Celery
from celery.beat import BeatLazyFunc, PersistentScheduler
from celery.signals import beat_init, setup_logging, worker_init, worker_process_init

app = Celery("portico")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would put its own format, with arguments, in the place of ours."""


@worker_init.connect
@beat_init.connect
def look_at_the_database_first(**_: object) -> None:
    """Behind a pooler that mixes hospitals, or with the owner's rights, nothing starts."""
    import django

    from foundation.database.starting import before_serving

    django.setup()
    try:
        before_serving()
    except SystemExit as refused:
        print(refused, file=sys.stderr, flush=True)  # Celery's signals swallow what a receiver raises
        os._exit(1)


@worker_process_init.connect
def start_without_connections(**_: object) -> None:
    """A forked child shares no connection with its parent."""
    from django.db import connections

    connections.close_all()


class Scheduler(PersistentScheduler):
    """Starts what packages registered in `foundation.registry.schedule`. There is one, and it stands in `public`."""

    def setup_schedule(self) -> None:
        from foundation.registry import schedule
        from foundation.tasks import public_ticket

        self.app.conf.beat_schedule = {
            key: {
                "task": entry.task,
                "schedule": float(entry.seconds),
                "kwargs": {
                    "ticket": BeatLazyFunc(public_ticket, entry.task, entry.arguments),  # signed when it is sent
                    "arguments": entry.arguments,
                },
            }
            for key, entry in schedule.items()
        }
        super().setup_schedule()

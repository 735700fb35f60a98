"""The worker and the scheduler: `celery -A config.celery_app worker|beat`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

import django
from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django.conf import settings

app = Celery("portico")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would put its own format, with arguments, in the place of ours."""


@worker_process_init.connect
def start_without_connections(**_: object) -> None:
    """A forked child shares no connection with its parent."""
    from django.db import connections

    connections.close_all()


@app.on_after_finalize.connect
def read_the_schedule(sender: Celery, **_: object) -> None:
    """What packages registered in `foundation.registry.schedule` is started by the one scheduler."""
    from foundation.registry import schedule

    django.setup()
    sender.conf.beat_schedule = {
        key: {"task": entry.task, "schedule": float(entry.seconds), "kwargs": {"arguments": entry.arguments}}
        for key, entry in schedule.items()
    }
    sender.conf.beat_schedule_filename = str(settings.PORTICO_VAR / "celerybeat-schedule")

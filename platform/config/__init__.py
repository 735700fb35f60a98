"""The Django project: settings, URLs, the worker, and the runner that starts it all on one machine."""

from config.celery_app import app as celery_app

__all__ = ["celery_app"]

"""The same without the record of reads. For the measurement, and nothing else."""

from config.settings.bench import *  # noqa: F403
from config.settings.bench import MIDDLEWARE

MIDDLEWARE = ["config.bench.unaudited.without_events", *MIDDLEWARE]

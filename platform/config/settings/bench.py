"""`make bench`: the demo's settings, with the pages that only a measurement needs."""

from config.settings.demo import *  # noqa: F403
from config.settings.demo import PORTICO_VAR

ROOT_URLCONF = "config.bench.urls"
STATIC_ROOT = PORTICO_VAR / "bench" / "static"

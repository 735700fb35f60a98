"""The web server's entrance: `granian --interface wsgi config.wsgi:application`."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from foundation.database.starting import before_serving

application = get_wsgi_application()
before_serving()
for urls in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
    _ = get_resolver(urls).url_patterns  # every view is loaded before the first request
# What is loaded now stays. The garbage collector looks at it once, and not again in the middle of somebody's request.
gc.collect()
gc.freeze()

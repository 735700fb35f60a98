"""Behind TLS, secrets from the environment. A missing one stops the start with a sentence."""

import os

os.environ.setdefault("PORTICO_TLS", "yes")

from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, CELERY_BROKER_URL, DATABASE_ADMIN_URL, DATABASES, REDIS_URL
from config.settings.environment import env_int, env_secret, env_str, needed_by_the_anchor
from config.settings.transport import (
    verified_aws,
    verified_broker,
    verified_database,
    verified_key_store,
    verified_mail,
    without_tls,
)

SECRET_KEY = env_secret("SECRET_KEY", least=50)
PORTICO_KEYS = verified_key_store(env_str("PORTICO_KEYS"))
PORTICO_MASTER_KEY = env_secret("PORTICO_MASTER_KEY", "", least=0)  # opens what an earlier release sealed
DATABASES = {
    "default": verified_database(DATABASES["default"], "DATABASE_ADMIN_URL" if DATABASE_ADMIN_URL else "DATABASE_URL")
}
REDIS_URL, CELERY_BROKER_USE_SSL = verified_broker(REDIS_URL)
CELERY_BROKER_URL = CELERY_BROKER_URL.partition("?")[0] if CELERY_BROKER_USE_SSL else CELERY_BROKER_URL
CACHES = {"default": {**CACHES["default"], "LOCATION": REDIS_URL}}
verified_aws()
PORTICO_PLAIN_HTTP = "ehr" in without_tls()
# The signed ends of the audit chains lie outside the database, in a store that somebody chose.
PORTICO_AUDIT_SECRET = env_secret("PORTICO_AUDIT_SECRET")
PORTICO_AUDIT_ANCHOR = env_str("PORTICO_AUDIT_ANCHOR")
needed_by_the_anchor(PORTICO_AUDIT_ANCHOR)
PORTICO_PORT = ""
MAILERS = {
    "default": {
        "BACKEND": "foundation.outbound.mail.VerifiedSmtp",
        "OPTIONS": {
            "host": env_str("EMAIL_HOST", "localhost"),
            "port": env_int("EMAIL_PORT", 587),
            "username": env_str("EMAIL_HOST_USER", ""),
            "password": env_secret("EMAIL_HOST_PASSWORD", "", least=0),
            "timeout": 10,
            **verified_mail(),
        },
    }
}

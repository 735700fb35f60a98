"""Behind TLS, secrets from the environment. A missing one stops the start with a sentence."""

import os

os.environ.setdefault("PORTICO_TLS", "yes")

from config.settings.base import *  # noqa: F403
from config.settings.environment import env_int, env_secret, env_str

SECRET_KEY = env_secret("SECRET_KEY", least=50)
PORTICO_MASTER_KEY = env_secret("PORTICO_MASTER_KEY")
PORTICO_PORT = ""
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env_str("EMAIL_HOST", "localhost"),
            "port": env_int("EMAIL_PORT", 587),
            "username": env_str("EMAIL_HOST_USER", ""),
            "password": env_secret("EMAIL_HOST_PASSWORD", "", least=0),
            "use_tls": True,
            "timeout": 10,
        },
    }
}

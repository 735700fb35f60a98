"""Behind TLS, secrets from the environment. A missing one stops the start with a sentence."""

import os

os.environ.setdefault("PORTICO_TLS", "yes")

from config.settings.base import *  # noqa: F403
from config.settings.environment import env_int, env_secret, env_str

SECRET_KEY = env_secret("SECRET_KEY", least=50)
PORTICO_MASTER_KEY = env_secret("PORTICO_MASTER_KEY")
PORTICO_PORT = ""
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD", "", least=0)
EMAIL_USE_TLS = True

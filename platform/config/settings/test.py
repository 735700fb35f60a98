"""The tests' settings: real database, real broker where a test asks for it, eager tasks otherwise."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import PORTICO_VAR, ROOT

SECRET_KEY = "test-" + "k" * 60
PORTICO_MASTER_KEY = "test-" + "m" * 60
PORTICO_AUDIT_SECRET = "test-" + "a" * 60
PORTICO_GALLERY = True
PORTICO_DEMO = True
PORTICO_PLAIN_HTTP = True
PORTICO_OWNS_DATABASE = True  # the tests make databases; their requests run in the hospitals' roles all the same
PORTICO_PORT = ""
PORTICO_VAR = PORTICO_VAR / "test" / os.environ.get("PYTEST_XDIST_WORKER", "main")
PORTICO_KEYS = f"file:{PORTICO_VAR.absolute() / 'secrets' / 'keys'}"
PORTICO_FILES = PORTICO_VAR / "files"
PORTICO_AUDIT_ANCHOR_FOLDER = PORTICO_VAR / "anchors"
PORTICO_MAIL_FOLDER = PORTICO_VAR / "mail"
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STATIC_ROOT = ROOT / "static" / "build"

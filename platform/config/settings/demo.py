"""One machine, plain HTTP on *.localhost, secrets made on the spot and kept in var/."""

import contextlib
import os
import secrets

from config.settings.base import *  # noqa: F403
from config.settings.base import PORTICO_VAR
from config.settings.environment import env_bool, env_str


def kept_secret(name: str) -> str:
    """A random secret, the same at each start of this installation."""
    file = PORTICO_VAR / "secrets" / name
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)
        fresh.unlink()
    return file.read_text()


def older_secret(name: str) -> str:
    """A secret that an earlier release made here; none where there is none."""
    file = PORTICO_VAR / "secrets" / name
    return file.read_text() if file.exists() else ""


SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret("secret_key")
PORTICO_MASTER_KEY = os.environ.get("PORTICO_MASTER_KEY") or older_secret("master_key")
PORTICO_AUDIT_SECRET = os.environ.get("PORTICO_AUDIT_SECRET") or kept_secret("audit_secret")
PORTICO_DEMO = True
PORTICO_PLAIN_HTTP = True  # the sandbox EHR is on this machine
# Given only DATABASE_URL, the demo takes it as the owner's. The runner tells web and workers that theirs is not.
PORTICO_OWNS_DATABASE = not env_bool("PORTICO_RUNTIME")
PORTICO_GALLERY = True
PORTICO_PORT = env_str("PORT", "8000")
PORTICO_MAIL_FOLDER = PORTICO_VAR / "mail"
PORTICO_MAIL_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)  # links that open accounts lie here
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": PORTICO_MAIL_FOLDER},
    }
}

"""`manage.py check --deploy` with settings such as a hospital's server has, and secrets made for the occasion."""

import os
import secrets
import subprocess
import sys

from .environment import CLONE


def run() -> int:
    """The exit code of the check; a warning fails it too."""
    made_up = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "PORTICO_KEYS": "aws-kms:us-east-1",
        "DATABASE_URL": "postgresql://portico@db.portico.example/portico?sslmode=verify-full&sslrootcert=system",
        "REDIS_URL": "rediss://broker.portico.example:6380/0",
        "PORTICO_AUDIT_SECRET": secrets.token_urlsafe(48),
        "PORTICO_AUDIT_ANCHOR": "s3",
        "PORTICO_AUDIT_ANCHOR_BUCKET": "portico-audit",
        "PORTICO_BASE_HOST": "portico.example",
        "EMAIL_HOST_PASSWORD": secrets.token_urlsafe(24),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=CLONE, env={**os.environ, **made_up}, check=False).returncode

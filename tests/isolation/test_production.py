"""What a real deployment serves: none of the demo's doors, and no start without secrets."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "PORTICO_KEYS": "aws-kms:us-east-1",
    "DATABASE_URL": "postgresql://portico@db.portico.example/portico?sslmode=verify-full&sslrootcert=system",
    "REDIS_URL": "rediss://broker.portico.example:6380/0",
    "PORTICO_AUDIT_SECRET": secrets.token_urlsafe(60),
    "PORTICO_AUDIT_ANCHOR": "s3",
    "PORTICO_AUDIT_ANCHOR_BUCKET": "portico-audit",
}
TELL = """
import json, sys
sys.path[:0] = ['.', 'platform']
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
from foundation.permissions import walk
routes = [str(p.callback.__module__) + ' ' + str(p.pattern)
          for u in ('config.urls', 'config.public_urls') for p in walk(get_resolver(u).url_patterns)]
names = ('DEBUG', 'PORTICO_DEMO', 'PORTICO_GALLERY', 'SESSION_COOKIE_NAME', 'CSRF_COOKIE_NAME', 'LANGUAGE_COOKIE_NAME',
         'SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE', 'LANGUAGE_COOKIE_SECURE', 'SECURE_SSL_REDIRECT',
         'SESSION_COOKIE_DOMAIN', 'CSRF_COOKIE_DOMAIN', 'SECURE_PROXY_SSL_HEADER', 'USE_X_FORWARDED_HOST')
print(json.dumps({'routes': routes, 'apps': settings.INSTALLED_APPS, **{n: getattr(settings, n) for n in names}}))
"""


def production(code: str, **given: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    environment = {**inherited, "DJANGO_SETTINGS_MODULE": "config.settings.production", **given}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.security("S74")
def test_a_deployment_has_none_of_the_demos_doors() -> None:
    done = production(TELL, **NEEDED)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert not [route for route in said["routes"] if "config.demo" in route or "gallery" in route or "bench" in route]
    assert not {"django.contrib.admin", "django.contrib.sites", "django.contrib.sessions"} & set(said["apps"])
    assert not any(said[name] for name in ("DEBUG", "PORTICO_DEMO", "PORTICO_GALLERY", "USE_X_FORWARDED_HOST"))
    assert all(said[f"{name}_COOKIE_NAME"].startswith("__Host-") for name in ("SESSION", "CSRF", "LANGUAGE"))
    assert all(said[f"{name}_COOKIE_SECURE"] is True for name in ("SESSION", "CSRF", "LANGUAGE"))
    assert said["SESSION_COOKIE_DOMAIN"] is said["CSRF_COOKIE_DOMAIN"] is said["SECURE_PROXY_SSL_HEADER"] is None
    assert said["SECURE_SSL_REDIRECT"] is True


@pytest.mark.security("S74")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"SECRET_KEY": "x" * 60},
        {**NEEDED, "SECRET_KEY": "short"},
        {**NEEDED, "PORTICO_KEYS": ""},
        {**NEEDED, "PORTICO_AUDIT_SECRET": ""},
        {**NEEDED, "PORTICO_AUDIT_ANCHOR": ""},
        {**NEEDED, "PORTICO_AUDIT_ANCHOR_BUCKET": ""},
        {**NEEDED, "PORTICO_AUDIT_YEARS": "5"},
    ],
)
def test_without_its_secrets_a_deployment_does_not_start(given: dict[str, str]) -> None:
    done = production(TELL, **given)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert not [value for value in given.values() if len(value) > 10 and value in done.stderr + done.stdout]

"""Who logs in to the database as what: the owner for migrations and the provisioner, a login that owns nothing for the
web server, the worker and the scheduler.

Given only DATABASE_URL, the demo takes it as the owner's and thinks of the other login itself; `hospital migrate` makes
it. Its password lies in `var/secrets/`, mode 0600.
"""

import os
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from .environment import Places, path_hash


def owners(where: Places, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of what may own: both addresses."""
    if env.get("DATABASE_ADMIN_URL"):
        return dict(env)
    owner = env["DATABASE_URL"]
    return {**env, "DATABASE_ADMIN_URL": owner, "DATABASE_URL": _runtime_url(where, owner)}


def runtimes(where: Places, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of what serves: the login that owns nothing, and no other."""
    both = owners(where, env)
    return {key: value for key, value in both.items() if key != "DATABASE_ADMIN_URL"} | {"PORTICO_RUNTIME": "yes"}


def _runtime_url(where: Places, owner: str) -> str:
    parts = urlsplit(owner)
    name = f"portico_runtime_{path_hash(where.clone)[:8]}"
    at = parts.netloc.rpartition("@")[2]
    netloc = f"{name}:{_password(where)}@{at}"
    return owner.replace(f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}://{netloc}", 1)


def _password(where: Places) -> str:
    file = where.var / "secrets" / "runtime_database_password"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(32))
    return file.read_text().strip()

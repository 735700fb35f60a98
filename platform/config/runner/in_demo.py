"""`in-demo [--owner] [-- COMMAND]`: a command, or a shell, with the environment of the running demo's processes.

In it `manage.py`, psql (as "$DATABASE_URL") and Python reach what the demo runs on. As the web server does: with the
login that owns nothing. `--owner` is the provisioner's side. Where both addresses are given already, they are taken.
"""

import argparse
import os
from collections.abc import Mapping

from . import logins, processes
from .environment import Places, places, socket_folder
from .errors import CannotRun
from .postgres import Postgres, unpacked
from .valkey import Valkey

NOT_THERE = "The demo does not run. Start it in another terminal: make demo"


def run(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="in-demo")
    parser.add_argument("--owner", action="store_true", help="with the rights of the database's owner")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments or [])
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    where = places()
    env = environment(where, processes.child_environment({}), owner=options.owner)
    command = command or [os.environ.get("SHELL", "/bin/sh")]
    os.chdir(where.clone)
    os.execvpe(command[0], command, env)  # noqa: S606  (the person's own command, in the person's own terminal)


def environment(where: Places, given: Mapping[str, str], *, owner: bool) -> dict[str, str]:
    """What the web server's environment is, or the provisioner's."""
    env = {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": f"{where.clone}{os.pathsep}{where.clone / 'platform'}",
        "PORT": "8000",
        **given,
    }
    env["PATH"] = os.pathsep.join([str(where.python.parent), *_programs(where), env.get("PATH", os.defpath)])
    if given.get("PORTICO_RUNTIME"):
        return env
    env = _addresses(where) | env
    return logins.owners(where, env) if owner else logins.runtimes(where, env)


def _addresses(where: Places) -> dict[str, str]:
    """Of the embedded servers, which the demo started."""
    if not (where.servers / "demo").exists():
        raise CannotRun(NOT_THERE)
    database, broker = Postgres(where, "demo"), Valkey(where, "demo")
    database.socket = socket_folder(where, "demo") / "postgresql"
    broker.socket = socket_folder(where, "demo") / "valkey" / "valkey.sock"
    return {"DATABASE_URL": database.url, "REDIS_URL": broker.url}


def _programs(where: Places) -> list[str]:
    """The folder of psql, where the demo has unpacked one."""
    try:
        return [str(unpacked(where))] if where.servers.exists() else []
    except CannotRun:
        return []

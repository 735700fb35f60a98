"""The database and the broker of one instance: ours if nobody gave others."""

import os
from collections.abc import Mapping
from pathlib import Path
from signal import Signals
from typing import Protocol

import psycopg
import redis

from . import checks
from .environment import Places, make_folders
from .errors import CannotRun
from .postgres import Postgres, unpacked
from .processes import Child
from .progress import say
from .signals import Waiter
from .supervisor import Part, Supervisor
from .valkey import Valkey


class Server(Protocol):
    """What the two have in common."""

    name: str
    stop_signal: Signals

    @property
    def log(self) -> Path: ...
    @property
    def url(self) -> str: ...
    def prepare(self, waiter: Waiter) -> None: ...
    def start(self) -> Child: ...
    def wait_ready(self, child: Child, waiter: Waiter) -> None: ...


def needed(where: Places, instance: str, *, hasty: bool, given: Mapping[str, str] = os.environ) -> dict[str, Server]:
    """The servers to start, by the variable that their address goes into."""
    servers: dict[str, Server] = {}
    if not given.get("DATABASE_URL"):
        servers["DATABASE_URL"] = Postgres(where, instance, hasty=hasty)
    if not given.get("REDIS_URL"):
        servers["REDIS_URL"] = Valkey(where, instance)
    return servers


def started(where: Places, instance: str, supervisor: Supervisor, *, hasty: bool = False) -> dict[str, str]:
    """Starts what is needed under the supervisor, and says where it is: variables for the environment of others."""
    make_folders(where)
    given_ones_answer(os.environ)
    addresses: dict[str, str] = {}
    for variable, server in needed(where, instance, hasty=hasty).items():
        checks.enough_disk(where.servers, megabytes=500)
        server.prepare(supervisor.waiter)
        say(f"Starting the {server.name}")
        child = supervisor.keep(Part(server.name, server.start, server.log, server.stop_signal, last_to_stop=True))
        server.wait_ready(child, supervisor.waiter)
        addresses[variable] = server.url
    if "DATABASE_URL" in addresses:
        addresses["PORTICO_PG_DUMP"] = str(unpacked(where) / "pg_dump")
    return addresses


def given_ones_answer(given: Mapping[str, str]) -> None:
    """CannotRun if a server that somebody named is not there: better now than in the middle of a traceback."""
    database, broker = given.get("DATABASE_URL"), given.get("REDIS_URL")
    try:
        if database:
            psycopg.connect(database, connect_timeout=5).close()
    except psycopg.Error as problem:
        said = str(problem).strip().splitlines()[-1]
        raise CannotRun(f"DATABASE_URL is set, but that database does not answer: {said}") from None
    try:
        if broker:
            redis.from_url(broker.replace("redis+socket://", "unix://", 1), socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as problem:
        raise CannotRun(f"REDIS_URL is set, but that server does not answer: {problem}") from None

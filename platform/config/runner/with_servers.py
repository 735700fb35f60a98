"""`with-servers [--name NAME] -- COMMAND`: the command, with a database and a broker in its environment."""

import argparse
import signal
import sys

from . import processes
from .environment import places
from .errors import StopAsked
from .locks import held
from .processes import Child
from .servers import started
from .supervisor import Supervisor, supervised

IN_USE = "The {name} servers of this clone are in use by another run (process {{pid}}). Wait for its end, or stop it."


def run(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="with-servers")
    parser.add_argument("--name", default="test", help="which instance; each keeps its data between runs")
    parser.add_argument("--durable", action="store_true", help="commit to the disk, as the demo does")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments or [])
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("say what to run, after --")
    where = places()
    with held(where.var / f"servers-{options.name}.lock", IN_USE.format(name=options.name)), supervised() as supervisor:
        addresses = started(where, options.name, supervisor, hasty=not options.durable)
        # A debugger in the command reads from the terminal, which only the terminal's own group may.
        child = processes.start(
            command,
            env=processes.child_environment(addresses),
            folder=where.clone,
            output=None,
            own_group=not sys.stdin.isatty(),
        )
        return _followed(child, supervisor)


def _followed(child: Child, supervisor: Supervisor) -> int:
    try:
        while child.poll() is None:
            supervisor.waiter.pause(60)
            supervisor.tend()
    except StopAsked:
        processes.end({child: signal.SIGINT}, supervisor.waiter, 8)
        return 130
    code = child.returncode
    return code if code >= 0 else 128 - code

"""`python -m config.runner WHAT`: the commands behind the Makefile."""

from __future__ import annotations

import importlib
import sys

from . import checks
from .errors import CannotRun, StopAsked
from .progress import show

# What is asked for, and which function does it. Each is imported when asked for: the first two run on any Python.
COMMANDS = {
    "install": "install:run",
    "clean-demo": "clean:run",
    "demo": "demo:run",
    "sign-ins": "sign_ins:run",
    "in-demo": "in_demo:run",
    "with-servers": "with_servers:run",
    "chromium": "chromium:run",
    "pgbouncer": "pgbouncer:run",
    "messages": "messages:run",
    "check-deployment": "check_deployment:run",
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        show(f"Usage: python -m config.runner {'|'.join(COMMANDS)}")
        return 2
    module, function = COMMANDS[arguments[0]].split(":")
    try:
        call = getattr(importlib.import_module(f".{module}", __package__), function)
        return int(call(*([arguments[1:]] if arguments[1:] else [])))
    except CannotRun as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (StopAsked, KeyboardInterrupt):
        return 130
    except OSError as problem:
        sentence = checks.said_plainly(problem)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What stops a command: always one sentence that says what to do next."""


class CannotRun(Exception):
    """The message is for the person at the terminal; there is no traceback to read."""


class StopAsked(Exception):
    """Ctrl-C, SIGTERM, or the terminal went away: everything is to end now."""

"""How `manage.py` enters `public`: by name, for a closed list. Any other command enters what it needs by itself."""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

PUBLIC_COMMANDS = frozenset({"makemigrations", "check", "sqlmigrate", "showmigrations", "shell", "dbshell", "migrate"})
OWNERS_COMMANDS = frozenset({"makemigrations", "sqlmigrate", "showmigrations", "migrate"})
WITHOUT_DATABASE = frozenset({"", "check", "collectstatic", "compilemessages", "makemigrations", "help", "version"})


def run(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line

    command = argv[1] if len(argv) > 1 else ""
    asks_for_help = {"--help", "-h", "--version"} & set(argv)
    if command not in WITHOUT_DATABASE and not asks_for_help:
        _refuse_transaction_pooler()
    with standing_for(command):
        execute_from_command_line(argv)


def _refuse_transaction_pooler() -> None:
    import django
    import psycopg

    from foundation.database.starting import no_answer, refuse_transaction_pooler

    django.setup()
    try:
        refuse_transaction_pooler()
    except psycopg.OperationalError as problem:
        raise SystemExit(no_answer(problem)) from None


def standing_for(command: str) -> AbstractContextManager[Any]:
    """Where the command stands, and with whose rights: migrations run with the owner's where this process has them."""
    if command not in PUBLIC_COMMANDS:
        return nullcontext()
    import django
    from django.conf import settings

    from foundation.database import as_owner
    from foundation.tenancy import inside_public

    django.setup()
    stack = ExitStack()
    stack.enter_context(inside_public())
    if command in OWNERS_COMMANDS and settings.PORTICO_OWNS_DATABASE:
        stack.enter_context(as_owner())
    return stack

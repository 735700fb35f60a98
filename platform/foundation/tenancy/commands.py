"""How `manage.py` enters `public`: by name, for a closed list. Any other command enters what it needs by itself."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

PUBLIC_COMMANDS = frozenset({"makemigrations", "check", "sqlmigrate", "showmigrations", "shell", "dbshell", "migrate"})


def run(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line

    with standing_for(argv[1] if len(argv) > 1 else ""):
        execute_from_command_line(argv)


def standing_for(command: str) -> AbstractContextManager[Any]:
    if command not in PUBLIC_COMMANDS:
        return nullcontext()
    import django

    from foundation.tenancy import inside_public

    django.setup()
    return inside_public()
